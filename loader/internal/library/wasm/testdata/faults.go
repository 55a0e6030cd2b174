//go:build wasip1

// Tasks that go wrong, each in its own way, beside those of conformance.go.
package main

import (
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
	register("count", func(*call, []any) (any, error) {
		number++
		return number, nil
	})
	register("exit", func(*call, []any) (any, error) {
		os.Exit(3)
		return nil, nil
	})
	register("panic", func(*call, []any) (any, error) { panic("on purpose") })
	register("loop", func(c *call, _ []any) (any, error) {
		c.progress(0, "")
		for {
			number++
		}
	})
	register("recurse", func(c *call, _ []any) (any, error) {
		c.progress(0, "")
		return recurse(1), nil
	})
	register("memory", func(*call, []any) (any, error) {
		for {
			kept = append(kept, make([]byte, 1<<20))
		}
	})
	register("print", func(*call, []any) (any, error) {
		fmt.Println("to stdout")
		fmt.Fprint(os.Stderr, "to stderr\nin two lines\n")
		return nil, nil
	})
	register("open", func(*call, []any) (any, error) {
		_, err := os.ReadFile("/etc/hostname")
		return fmt.Sprint(err != nil, len(os.Environ()), len(os.Args)), nil
	})
	registerAsync("pending", func(*call, []any) (any, error) { return nil, &failure{status: 100} })
	registerAsync("lie", lie)
}

func recurse(n int) int { return recurse(n+1) + 1 }

// lie(kind, payload, n) finishes with a task_value of these, at an address of its
// own or at the one given.
func lie(c *call, args []any) (any, error) {
	output := &value{kind: args[0].(uint32), payload: args[1].(uint64), n: args[2].(uint64)}
	at := unsafe.Pointer(output)
	if len(args) > 3 {
		at = pointer(args[3].(uint64))
	}
	hostFinish(c.id, 0, at)
	return nil, &failure{status: 100}
}
