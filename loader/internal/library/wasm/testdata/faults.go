//go:build wasip1

// Tasks that go wrong, each in its own way, beside those of conformance.go.
package main

import (
	"errors"
	"fmt"
	"os"
	"unsafe"
)

var (
	number int64
	kept   [][]byte
)

func init() {
	// Every instance counts for itself.
	Sync("count", func(*Call, []any) (any, error) {
		number++
		return number, nil
	}, "", "")
	Sync("exit", func(*Call, []any) (any, error) {
		os.Exit(3)
		return nil, nil
	}, "", "")
	Sync("panic", func(*Call, []any) (any, error) { panic("on purpose") }, "", "")
	Sync("loop", func(c *Call, _ []any) (any, error) {
		c.Progress(0, "")
		for {
			number++
		}
	}, "", "")
	Sync("recurse", func(c *Call, _ []any) (any, error) {
		c.Progress(0, "")
		return recurse(1), nil
	}, "", "")
	Sync("memory", func(*Call, []any) (any, error) {
		for {
			kept = append(kept, make([]byte, 1<<20))
		}
	}, "", "")
	Sync("print", func(*Call, []any) (any, error) {
		fmt.Println("to stdout")
		fmt.Fprint(os.Stderr, "to stderr\nin two lines\n")
		return nil, nil
	}, "", "")
	Sync("open", func(*Call, []any) (any, error) {
		_, err := os.ReadFile("/etc/hostname")
		return fmt.Sprint(err != nil, len(os.Environ()), len(os.Args)), nil
	}, "", "")
	Async("pending", func(*Call, []any) (any, error) { return nil, &failure{statusPending, errors.New("")} }, "", "")
	Async("lie", lie, "", "")
}

func recurse(n int) int { return recurse(n+1) + 1 }

// lie(kind, payload, n) finishes with a task_value of these, at an address of its
// own or at the one given.
func lie(c *Call, args []any) (any, error) {
	output := &value{kind: args[0].(uint32), payload: args[1].(uint64), n: args[2].(uint64)}
	at := unsafe.Pointer(output)
	if len(args) > 3 {
		at = pointer(args[3].(uint64))
	}
	hostFinish(c.id, 0, at)
	return nil, &failure{statusPending, errors.New("")}
}
