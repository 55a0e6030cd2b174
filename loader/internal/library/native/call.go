package native

import (
	"sync/atomic"
	"unsafe"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
	"github.com/taskscheduler/taskscheduler/task"
)

// A call is a running call with all the memory that the library sees of it. It
// lies on the heap and holds everything that its addresses point to.
type call struct {
	library *dynamicLibrary
	host    *library.Call // keeps the strings of the arguments and the task's id alive
	done    func(library.Status, task.Value)
	async   bool

	cancelled atomic.Int32
	task      taskCall
	output    [3]uint64 // a task_value
	block     []byte    // the arguments
	arguments [4]uintptr
}

// taskCall is the ABI's task_call.
type taskCall struct {
	size, attempt uint32
	id            uint64
	cancelled     uint64
	deadline      int64
	taskID        uint64
	taskIDLength  uint64
}

// largestKept is how large a block may be that is kept for the next call.
const largestKept = 64 << 10

// prepare lays the call out for the library.
func (p *call) prepare(c *library.Call, async bool, done func(library.Status, task.Value)) {
	p.host, p.done, p.async = c, done, async
	size := max(abi.Size(c.Args, false), abi.ValueSize) // never empty: its address is that of all that is
	if cap(p.block) < size {
		p.block = make([]byte, size)
	}
	block := abi.Block{Bytes: p.block[:size], Base: address(unsafe.SliceData(p.block))}
	args := block.Put(c.Args)
	p.cancelled.Store(0)
	p.output = [3]uint64{}
	p.task = taskCall{
		size:         abi.CallSize,
		attempt:      c.Attempt,
		id:           c.ID,
		cancelled:    address(&p.cancelled),
		taskID:       block.PutString(c.TaskID),
		taskIDLength: uint64(len(c.TaskID)),
		deadline:     c.DeadlineUnixNano(),
	}
	p.arguments = [4]uintptr{
		uintptr(address(&p.task)),
		uintptr(args),
		uintptr(len(c.Args)),
		uintptr(address(&p.output)),
	}
}

// forget lets go of what the call held, before it is used again.
func (p *call) forget() {
	p.host, p.done = nil, nil
	if cap(p.block) > largestKept {
		p.block = nil
	}
}
