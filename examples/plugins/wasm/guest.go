//go:build wasip1

package main

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"
)

// A task's function gets its arguments and returns a result as Go values: nil,
// bool, int32, int64, uint32, uint64, float32, float64, string, []byte, []any,
// map[string]any. An error is the task's failure, unless it is a [failure] with
// another status.
type task func(c *call, args []any) (any, error)

// register makes a function a task. Call it from an init function. A signature and a
// sentence about the task may follow: with a signature the host refuses other
// arguments, and makes numbers of the kinds in it.
func register(name string, run task, signatureAndDoc ...string) { add(name, 0, run, signatureAndDoc) }

// registerAsync registers a task that waits for something most of its time.
func registerAsync(name string, run task, signatureAndDoc ...string) {
	add(name, 1, run, signatureAndDoc)
}

// about says which version the plugin has and what it is for.
func about(version, doc string) { plugin.version, plugin.doc = text(version), text(doc) }

// A failure is an error with one of the ABI's statuses.
type failure struct {
	status  int32
	message string
}

func (f *failure) Error() string { return f.message }

// errCancelled is what a task returns that gives up because c.cancelled() says so.
var errCancelled = &failure{status: 3}

func badArguments(message string) error { return &failure{status: 4, message: message} }
func retry(message string) error        { return &failure{status: 2, message: message} }

// The levels of the log.
const (
	levelDebug = -4
	levelInfo  = 0
	levelWarn  = 4
	levelError = 8
)

// A call is valid until the task's function returns.
type call struct {
	id       uint64
	attempt  uint32
	deadline time.Time // zero: none
	taskID   string
	raw      *taskCall
}

func (c *call) cancelled() bool {
	return atomic.LoadInt32((*int32)(pointer(uint64(c.raw.cancelled)))) != 0 || hostCancelled(c.id) != 0
}

func (c *call) log(level int32, text string) {
	hostLog(c.id, level, unsafe.Pointer(unsafe.StringData(text)), uint64(len(text)))
}

func (c *call) progress(fraction float64, note string) {
	hostProgress(c.id, fraction, unsafe.Pointer(unsafe.StringData(note)), uint64(len(note)))
}

// taskCall is the ABI's task_call; pointers have 32 bits.
type taskCall struct {
	size, attempt uint32
	id            uint64
	cancelled, _  uint32
	deadline      int64
	taskID, _     uint32
	taskIDLength  uint64
}

type taskEntry struct{ name, flags, reserved, run, signature, doc uint32 }

type taskPlugin struct {
	magic             uint64
	abi, size         uint32
	tasks, _          uint32
	ntasks, entrySize uint64
	release, shutdown uint32
	version, doc      uint32
}

var (
	tasks   []task
	texts   [][]byte // what the table points to
	entries []taskEntry
	plugin  taskPlugin
	input   []uint64 // what tp_buf gave
)

func add(name string, flags uint32, run task, signatureAndDoc []string) {
	tasks = append(tasks, run)
	entry := taskEntry{name: text(name), flags: flags}
	for i, field := range []*uint32{&entry.signature, &entry.doc}[:len(signatureAndDoc)] {
		*field = text(signatureAndDoc[i])
	}
	entries = append(entries, entry)
}

// text returns the address of a copy of s that stays, terminated.
func text(s string) uint32 {
	terminated := append([]byte(s), 0)
	texts = append(texts, terminated)
	return address(unsafe.Pointer(&terminated[0]))
}

//go:wasmexport tp_init
func tpInit() unsafe.Pointer {
	plugin.magic, plugin.abi, plugin.size = 0x314e474c504b5354, 1, uint32(unsafe.Sizeof(plugin))
	plugin.tasks, plugin.ntasks = address(unsafe.Pointer(unsafe.SliceData(entries))), uint64(len(entries))
	plugin.entrySize = uint64(unsafe.Sizeof(taskEntry{}))
	return unsafe.Pointer(&plugin)
}

//go:wasmexport tp_buf
func tpBuf(n uint32) unsafe.Pointer {
	input = nil // before more is allocated
	input = make([]uint64, max(n/8+1, 8192))
	return unsafe.Pointer(&input[0])
}

//go:wasmexport tp_call
func tpCall(index int32, raw, args unsafe.Pointer, nargs int64, output unsafe.Pointer) int32 {
	c := (*taskCall)(raw)
	result, err := run(tasks[index], &call{
		id:       c.id,
		attempt:  c.attempt,
		deadline: deadline(c.deadline),
		taskID:   string(unsafe.Slice((*byte)(pointer(uint64(c.taskID))), c.taskIDLength)),
		raw:      c,
	}, decodeList(uint64(uintptr(args)), uint64(nargs)))
	held = nil // the host has read what the last call left there
	if err == nil {
		if *(*value)(output), err = encode(result); err == nil {
			return 0
		}
	}
	f, ok := err.(*failure)
	if !ok {
		f = &failure{status: 1, message: err.Error()}
	}
	*(*value)(output), _ = encode(f.message)
	return f.status
}

// run runs a task. A panic is a failure like others.
func run(t task, c *call, args []any) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return t(c, args)
}

func deadline(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

//go:wasmimport task_host log
func hostLog(id uint64, level int32, text unsafe.Pointer, n uint64)

//go:wasmimport task_host progress
func hostProgress(id uint64, fraction float64, note unsafe.Pointer, n uint64)

//go:wasmimport task_host cancelled
func hostCancelled(id uint64) int32
