//go:build wasip1

// The tasks of conformance.c as a WebAssembly module in Go. It is built together
// with the files of abi/taskplugin, in their package.
package main

import (
	"errors"
	"log/slog"
	"time"
	"unsafe"
)

func init() {
	Sync("echo", func(_ *Call, args []any) (any, error) {
		if len(args) == 1 {
			return args[0], nil
		}
		return args, nil
	}, "", "")
	Sync("answer", answerWith, "", "")
	Sync("describe", describe, "", "")
	Sync("talk", talk, "", "")
	Sync("wait_for_cancel", func(c *Call, _ []any) (any, error) {
		c.Progress(0, "")
		for !c.Cancelled() {
			time.Sleep(time.Millisecond)
		}
		return nil, ErrCancelled
	}, "", "")
	Sync("outstanding", func() int64 { return 0 }, "", "")
	Async("later", later, "", "")
	Sync("finish_sync", func(c *Call) bool {
		hostFinish(c.id, 1, nil)
		return true
	}, "", "")
	hostLog(0, 0, "initialised")
}

func main() {}

// answerWith ends with any status.
func answerWith(_ *Call, args []any) (any, error) {
	message := ""
	if len(args) > 1 {
		message, _ = args[1].(string)
	}
	return nil, &failure{args[0].(int32), errors.New(message)}
}

func describe(c *Call, _ []any) (any, error) {
	var deadline int64
	if !c.Deadline.IsZero() {
		deadline = c.Deadline.UnixNano()
	}
	var cancelled int32
	if c.Cancelled() {
		cancelled = 1
	}
	return []any{c.Attempt, deadline, c.TaskID, c.raw.size, cancelled}, nil
}

func talk(c *Call, args []any) (any, error) {
	text := args[0].(string)
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		c.Log(level, text)
	}
	nobody := *c
	nobody.id = 0
	nobody.Log(slog.LevelInfo, text)
	nobody.id = c.id + 1_000_000_000
	nobody.Log(slog.LevelError, "for a call that does not exist")
	c.Progress(0.25, text)
	c.Progress(7, "")
	return nil, nil
}

// later answers a value by finish, as conformance.c says.
func later(c *Call, args []any) (any, error) {
	output, err := encode(args[0])
	if err != nil {
		return nil, err
	}
	pending := &failure{statusPending, errors.New("")}
	switch args[1].(int32) {
	case 2:
		hostFinish(c.id, 0, unsafe.Pointer(&output))
		hostFinish(c.id, 1, nil)
		return nil, pending
	case 3:
		hostFinish(c.id+1_000_000_000, 0, nil)
		hostFinish(c.id, 0, unsafe.Pointer(&output))
		return nil, errors.New("")
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
