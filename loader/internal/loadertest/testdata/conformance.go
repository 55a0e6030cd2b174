//go:build wasip1

// The tasks of conformance.c as a WebAssembly module in Go. It is built together
// with the files of examples/plugins/wasm that make a plugin of Go functions.
package main

import (
	"time"
	"unsafe"
)

func init() {
	register("echo", func(_ *call, args []any) (any, error) {
		if len(args) == 1 {
			return args[0], nil
		}
		return args, nil
	})
	register("answer", answer)
	register("describe", describe)
	register("talk", talk)
	register("wait_for_cancel", func(c *call, _ []any) (any, error) {
		c.progress(0, "")
		for !c.cancelled() {
			time.Sleep(time.Millisecond)
		}
		return nil, errCancelled
	})
	register("outstanding", func(*call, []any) (any, error) { return int64(0), nil })
	registerAsync("later", later)
	register("finish_sync", func(c *call, _ []any) (any, error) {
		hostFinish(c.id, 1, nil)
		return true, nil
	})
	hostLog(0, levelInfo, unsafe.Pointer(unsafe.StringData("initialised")), uint64(len("initialised")))
}

func main() {}

// answer ends with any status.
func answer(_ *call, args []any) (any, error) {
	f := &failure{status: args[0].(int32)}
	if len(args) > 1 {
		f.message, _ = args[1].(string)
	}
	return nil, f
}

func describe(c *call, _ []any) (any, error) {
	var deadline int64
	if !c.deadline.IsZero() {
		deadline = c.deadline.UnixNano()
	}
	var cancelled int32
	if c.cancelled() {
		cancelled = 1
	}
	return []any{c.attempt, deadline, c.taskID, c.raw.size, cancelled}, nil
}

func talk(c *call, args []any) (any, error) {
	text := args[0].(string)
	for _, level := range []int32{levelDebug, levelInfo, levelWarn, levelError} {
		c.log(level, text)
	}
	nobody := *c
	nobody.id = 0
	nobody.log(levelInfo, text)
	nobody.id = c.id + 1_000_000_000
	nobody.log(levelError, "for a call that does not exist")
	c.progress(0.25, text)
	c.progress(7, "")
	return nil, nil
}

// later answers a value by finish, as conformance.c says.
func later(c *call, args []any) (any, error) {
	output, err := encode(args[0])
	if err != nil {
		return nil, err
	}
	pending := &failure{status: 100}
	switch args[1].(int32) {
	case 2:
		hostFinish(c.id, 0, unsafe.Pointer(&output))
		hostFinish(c.id, 1, nil)
		return nil, pending
	case 3:
		hostFinish(c.id+1_000_000_000, 0, nil)
		hostFinish(c.id, 0, unsafe.Pointer(&output))
		return nil, &failure{status: 1}
	case 4:
		return args[0], nil
	case 5:
		hostFinish(c.id, 2, unsafe.Pointer(&output))
		return nil, pending
	default:
		hostFinish(c.id, 0, unsafe.Pointer(&output))
		return nil, pending
	}
}

//go:wasmimport task_host finish
func hostFinish(id uint64, status int32, output unsafe.Pointer)
