package loader

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// TestWhatDoesNotServeIsTakenBack: the file that was there serves on.
func TestWhatDoesNotServeIsTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	before, err := os.ReadFile(filepath.Join(b.dir, math))
	b.check(err)
	_, err = b.replace(t.Context(), "math", math, []byte("no plugin"))
	if _, ok := err.(*task.Error); !ok { //nolint:errorlint // what Install promises
		t.Errorf("the error is the %T %v", err, err)
	}
	b.fails(err, task.FailedPrecondition, "plugin math")
	after, err := os.ReadFile(filepath.Join(b.dir, math))
	b.check(err)
	if !bytes.Equal(before, after) {
		t.Errorf("there are %d bytes, there were %d", len(after), len(before))
	}
	b.serves("math", 1)
}
