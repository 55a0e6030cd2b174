//go:build linux && !race

package memory_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
)

const (
	alone       = "TASK_SCHEDULER_TEST_RESIDENT" // is set for a process that does nothing else
	million     = 1_000_000
	mostOfThose = 200 << 10 // KiB
)

// TestAMillionResultsAreResident: with ids of 36 bytes they are in a process of at
// most 200 MB, with all that it needs besides and Go's own collector settings.
func TestAMillionResultsAreResident(t *testing.T) {
	if os.Getenv(alone) != "" {
		putAMillion(t)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestAMillionResultsAreResident$", "-test.v")
	child.Env = append(os.Environ(), alone+"=1")
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func putAMillion(t *testing.T) {
	t.Helper()
	const more = million / 50 // for all shards to be full
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: million + more, Memory: 1 << 30})
	for i := range million + 3*more {
		id := fmt.Sprintf("0198c5f0-0000-7000-8000-%012d", i)
		if _, err := cache.Create(t.Context(), id, store.Outcome{State: store.Succeeded, Result: "6", Shape: "\x02", Attempt: 1}); err != nil {
			t.Fatal(err)
		}
	}
	now, peak := resident(t, "VmRSS"), resident(t, "VmHWM")
	t.Logf("%d results; resident %d MiB, at most %d MiB", cache.Len(), now>>10, peak>>10)
	if cache.Len() < million || peak > mostOfThose {
		t.Errorf("%d results take %d KiB, more than %d", cache.Len(), peak, mostOfThose)
	}
}

// resident returns a line of what the system knows of this process, in KiB.
func resident(t *testing.T, line string) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, found, _ := strings.Cut(string(status), line+":")
	if _, err := fmt.Sscan(found, &kib); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return kib
}
