//go:build unix

package cmd_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// A server that still waits for the other nodes of its cluster says so, answers no health
// check, and stops when it is asked to.
func TestAServerThatWaitsForOthersStops(t *testing.T) {
	t.Parallel()
	printed, addr := newTranscript(), natstest.FreeAddr(t)
	process := exec.CommandContext(t.Context(), "task-scheduler", "--addr", addr, "--admin-addr", "off", "--log-dir=",
		"--log-level", "debug", "--data-dir", filepath.Join(t.TempDir(), "data"),
		"--cluster-listen", natstest.FreeAddr(t), "--cluster-join", "127.0.0.1:1")
	process.Dir = t.TempDir()
	process.Stdout, process.Stderr = printed, printed
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- process.Wait(); printed.end() }()
	if _, err := printed.await("waiting for the other nodes"); err != nil {
		t.Fatal(err)
	}
	asked, err := exec.CommandContext(t.Context(), "task-scheduler", "health", "--server", addr, "--timeout", "200ms").CombinedOutput()
	if err == nil || !strings.Contains(string(asked), "no answer within --timeout; a node that waits") {
		t.Errorf("its health is %s (%v)", asked, err)
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-exited; err != nil || !strings.Contains(printed.String(), "stopped before it served") {
		t.Errorf("it ended with %v, and said:\n%s", err, printed)
	}
}
