//go:build cgo || wasip1

package taskplugin

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// rawCall is the ABI's task_call, pointers as numbers.
type rawCall struct {
	size, attempt uint32
	id            uint64
	cancelled     uint64
	deadline      int64
	taskID        uint64
	taskIDLength  uint64
}

func newCall(raw *rawCall) *Call {
	c := &Call{
		Attempt: raw.attempt,
		TaskID:  string(unsafe.Slice((*byte)(pointer(raw.taskID)), raw.taskIDLength)),
		id:      raw.id,
		raw:     raw,
	}
	if raw.deadline != 0 {
		c.Deadline = time.Unix(0, raw.deadline)
	}
	return c
}

// isCancelled tells whether the server has said so in the call.
func (r *rawCall) isCancelled() bool { return atomic.LoadInt32((*int32)(pointer(r.cancelled))) != 0 }

// answer runs a task and stores its result, or its message, in output.
func answer(e *entry, c *Call, args []any, output *value) int32 {
	result, err := runSafely(e, c, args)
	if err == nil {
		if *output, err = encode(result); err == nil {
			return statusOK
		}
	}
	*output, _ = encode(err.Error()) // a string can always be encoded
	return statusOf(err)
}
