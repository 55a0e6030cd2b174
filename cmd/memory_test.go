package cmd

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"testing"
)

func TestMemoryIsTuned(t *testing.T) {
	restoreMemory(t)
	t.Setenv("GOGC", "") // so that the next line is undone
	os.Unsetenv("GOGC")
	t.Setenv("GOMEMLIMIT", "")
	os.Unsetenv("GOMEMLIMIT")
	tuneMemory(slog.New(slog.DiscardHandler))
	if percent := debug.SetGCPercent(100); percent != 400 {
		t.Errorf("GOGC %d, want 400", percent)
	}
	if limit := debug.SetMemoryLimit(-1); limit < 1<<20 || limit == math.MaxInt64 {
		t.Errorf("memory limit %d, want most of this machine's", limit)
	}
}

func TestMemoryStaysAsTheUserSetIt(t *testing.T) {
	restoreMemory(t)
	t.Setenv("GOGC", "123")
	t.Setenv("GOMEMLIMIT", "123MiB")
	debug.SetGCPercent(123)
	debug.SetMemoryLimit(123 << 20)
	tuneMemory(slog.New(slog.DiscardHandler))
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
