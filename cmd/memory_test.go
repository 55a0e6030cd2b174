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
	const mib = 1 << 20
	for _, c := range []struct {
		live, pointers uint64
		want           int
	}{
		{0, 0, 400},
		{1 * mib, 1 * mib, 400},
		{32 * mib, 32 * mib, 400},
		{128 * mib, 128 * mib, 100},
		{256 * mib, 200 * mib, 50},
		{4096 * mib, 4096 * mib, 30},
		{12 * mib, 1 * mib, 400}, // results have no pointers
		{96 * mib, 6 * mib, 50},
		{96 * mib, 24 * mib, 100},
		{4096 * mib, 6 * mib, 30},
	} {
		if got := garbagePercent(c.live, c.pointers); got != c.want {
			t.Errorf("%d MiB live, %d with pointers: %d percent, want %d", c.live/mib, c.pointers/mib, got, c.want)
		}
	}
}

func TestAQuietServerGivesMemoryBackOnce(t *testing.T) {
	const mib = 1 << 20
	var q quiet
	looks := func(n int, live, objects, cycles, allocated uint64) (wanted int) {
		for range n {
			if q.wants(heap{live: live * mib, objects: objects * mib, cycles: cycles, allocated: allocated * mib}) {
				wanted++
				cycles += 2 // those that give it back
			}
		}
		return wanted
	}
	if n := looks(10, 5, 10, 1, 50); n != 0 {
		t.Errorf("a small heap: %d times", n)
	}
	if n := looks(3, 5, 500, 1, 600); n != 1 {
		t.Errorf("garbage that nobody collects: %d times, want once", n)
	}
	if n := looks(10, 5, 5, 3, 600); n != 0 {
		t.Errorf("after that: %d times", n)
	}
	if n := looks(quietLooks+1, 500, 500, 4, 1200); n != 1 {
		t.Errorf("what lived in a burst and may not any more: %d times, want once", n)
	}
	if n := looks(100, 400, 400, 6, 1201); n < 2 || n > 6 {
		t.Errorf("what lives on: %d times in 100 looks, want it ever more rarely", n)
	}
	for cycles := range uint64(10) {
		if n := looks(1, 5, 500, 10+cycles, 2000+100*cycles); n != 0 {
			t.Error("a busy server, whose collector works by itself")
		}
	}
}

func TestWhatTheStartLeavesGoesBackOnceThereAreNoCalls(t *testing.T) {
	const mib = 1 << 20
	q := quiet{starting: true}
	for second := range uint64(5) {
		if q.wants(heap{live: 5 * mib, objects: 60 * mib, cycles: 4, allocated: 100 * mib * (second + 1)}) {
			t.Errorf("second %d: there are calls", second)
		}
	}
	if !q.wants(heap{live: 5 * mib, objects: 60 * mib, cycles: 4, allocated: 500 * mib}) {
		t.Error("nothing was given back in a quiet second")
	}
	if q.wants(heap{live: 5 * mib, objects: 6 * mib, cycles: 6, allocated: 500 * mib}) {
		t.Error("it was given back twice")
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
