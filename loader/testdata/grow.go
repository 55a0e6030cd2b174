//go:build wasip1

// A module whose task takes as much memory as it is asked to.
package main

import "time"

func init() {
	register("grow", grow, "(mebibytes: int32) -> int64", "Takes memory, writes to it, and says how much.")
	register("alive", func(*call, []any) (any, error) { return true, nil }, "() -> bool", "Says that the plugin is alive.")
}

func main() {}

// grow keeps what it has for a moment, in which others take theirs.
func grow(_ *call, args []any) (any, error) {
	memory := make([]byte, int(args[0].(int32))<<20)
	for at := 0; at < len(memory); at += 4096 {
		memory[at] = 1
	}
	time.Sleep(100 * time.Millisecond)
	return int64(len(memory) >> 20), nil
}
