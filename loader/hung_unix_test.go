//go:build unix

package loader

import (
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// TestAStoppedProcessIsReplaced stops a process as a debugger would, or a full swap.
func TestAStoppedProcessIsReplaced(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	call := b.start("math::nap", task.Int64(60_000))
	b.isRunning("math::nap")
	b.check(syscall.Kill(b.plugin("math").PID, syscall.SIGSTOP))
	b.fails(<-call, task.Internal, "plugin math", "did not answer")
	b.await(EventCrashed, "math")
	b.await(EventRestarted, "math")
	b.serves("math", 1)
}
