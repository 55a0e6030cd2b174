package cmd

import (
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestMemoryIsTuned(t *testing.T) {
	restoreMemory(t)
	t.Setenv("GOGC", "") // so that the next line is undone
	os.Unsetenv("GOGC")
	t.Setenv("GOMEMLIMIT", "")
	os.Unsetenv("GOMEMLIMIT")
	tuneMemory(slog.New(slog.DiscardHandler), 500<<20)
	if limit := debug.SetMemoryLimit(-1); limit != 500<<20/100*limitPercent {
		t.Errorf("memory limit %d, want what the server needs", limit)
	}
	large := make([]byte, 512<<20) // which leaves 128 MiB for garbage: less than the least percentage
	for range 10_000 {
		runtime.GC()
		if percent := debug.SetGCPercent(100); percent < mostPercent {
			debug.SetGCPercent(percent)
			if percent != leastPercent {
				t.Errorf("GOGC %d with half a GiB that lives, want %d", percent, leastPercent)
			}
			runtime.KeepAlive(large)
			return
		}
		runtime.Gosched() // the finalizer has a goroutine of its own
	}
	t.Error("a collection left GOGC as it was")
}

func TestGarbageHasItsLimit(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 1 << 20: 400, 32 << 20: 400, 128 << 20: 100, 256 << 20: 50, 4 << 30: 30} {
		if got := garbagePercent(live); got != want {
			t.Errorf("%d MiB live: %d percent, want %d", live>>20, got, want)
		}
	}
}

func TestMemoryStaysAsTheUserSetIt(t *testing.T) {
	restoreMemory(t)
	t.Setenv("GOGC", "123")
	t.Setenv("GOMEMLIMIT", "123MiB")
	debug.SetGCPercent(123)
	debug.SetMemoryLimit(123 << 20)
	tuneMemory(slog.New(slog.DiscardHandler), 500<<20)
	if percent := debug.SetGCPercent(100); percent != 123 {
		t.Errorf("GOGC %d, want 123", percent)
	}
	if limit := debug.SetMemoryLimit(-1); limit != 123<<20 {
		t.Errorf("memory limit %d, want 123 MiB", limit)
	}
}

func restoreMemory(t *testing.T) {
	t.Helper()
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
}
