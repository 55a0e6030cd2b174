package process_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// A plugin that keeps all processors busy doesn't keep the server from them.
func TestPluginsComeAfterTheServer(t *testing.T) {
	priority := func(pid int) int {
		t.Helper()
		n, err := unix.Getpriority(unix.PRIO_PROCESS, pid)
		if err != nil {
			t.Fatal(err)
		}
		return n // 20 less the nice value
	}
	own := priority(0)
	for steps, want := range map[int]int{0: 10, 3: 3, 19: 19, -1: 0} {
		p := start(t, process.Config{Limits: sandbox.Limits{Nice: steps}})
		if got := own - priority(p.PID()); got != min(want, own-1) {
			t.Errorf("with Nice %d it comes %d steps after the server, want %d", steps, got, want)
		}
	}
}
