//go:build wasip1

// A module whose task takes as much memory as it is asked to.
package main

import "time"

func init() {
	Sync("grow", grow, "(mebibytes: int32) -> int64", "Takes memory, writes to it, and says how much.")
	Sync("alive", func() bool { return true }, "() -> bool", "Says that the plugin is alive.")
}

func main() {}

// grow keeps what it has for a moment, in which others take theirs.
func grow(mebibytes int32) int64 {
	memory := make([]byte, int(mebibytes)<<20)
	for at := 0; at < len(memory); at += 4096 {
		memory[at] = 1
	}
	time.Sleep(100 * time.Millisecond)
	return int64(len(memory) >> 20)
}
