package main

/*
#cgo CFLAGS: -I${SRCDIR}/../../../abi
#include "task_plugin.h"
void host_finish(uint64_t id, int32_t status, const task_value *v);
void host_log(uint64_t id, int32_t level, const char *text, uint64_t n);
void host_progress(uint64_t id, double f, const char *note, uint64_t n);
*/
import "C"

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

// A task's function gets its arguments and returns a result as Go values: nil,
// bool, int32, int64, uint32, uint64, float32, float64, string, []byte, []any,
// map[string]any. An error is the task's failure, unless it is a [failure] with
// another status.
type task struct {
	async bool // run in a goroutine: it may wait
	run   func(c *call, args []any) (any, error)
}

// A failure is an error with one of the ABI's statuses.
type failure struct {
	status  C.int32_t
	message string
}

func (f *failure) Error() string { return f.message }

// errCancelled is what a task returns that gives up because c.cancelled() says so.
var errCancelled = &failure{status: C.TASK_CANCELLED}

func badArguments(message string) error { return &failure{C.TASK_BAD_ARGUMENTS, message} }
func retry(message string) error        { return &failure{C.TASK_RETRY, message} }

// The levels of the log.
const (
	levelDebug = -4
	levelInfo  = 0
	levelWarn  = 4
	levelError = 8
)

// A call is valid until the task's function returns.
type call struct{ raw *C.task_call }

func (c *call) attempt() uint32 { return uint32(c.raw.attempt) }
func (c *call) taskID() string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(c.raw.task_id)), c.raw.task_id_len))
}

func (c *call) cancelled() bool {
	return atomic.LoadInt32((*int32)(unsafe.Pointer(c.raw.cancelled))) != 0
}

func (c *call) log(level int32, text string) {
	C.host_log(c.raw.id, C.int32_t(level), chars(text), C.uint64_t(len(text)))
}

func (c *call) progress(fraction float64, note string) {
	C.host_progress(c.raw.id, C.double(fraction), chars(note), C.uint64_t(len(note)))
}

func chars(s string) *C.char { return (*C.char)(unsafe.Pointer(unsafe.StringData(s))) }

//export runTask
func runTask(index C.int, raw *C.task_call, args *C.task_value, nargs C.uint64_t, output *C.task_value) C.int32_t {
	t, values, c := tasks[index], decodeList(args, nargs), &call{raw}
	if !t.async {
		return answer(output, t, c, values)
	}
	id := raw.id
	go func() {
		var output C.task_value
		status := answer(&output, t, c, values)
		C.host_finish(id, status, &output)
		releaseOutput(&output)
	}()
	return C.TASK_PENDING
}

// answer runs a task and stores its result or its message in output.
func answer(output *C.task_value, t task, c *call, args []any) C.int32_t {
	result, err := run(t, c, args)
	if err == nil {
		if *output, err = encode(result); err == nil {
			return C.TASK_OK
		}
	}
	f, ok := err.(*failure)
	if !ok {
		f = &failure{C.TASK_FAILED, err.Error()}
	}
	*output, _ = encode(f.message)
	return f.status
}

// run runs a task's function. A panic would end the plugin's process; it is a
// failure like others.
func run(t task, c *call, args []any) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return t.run(c, args)
}
