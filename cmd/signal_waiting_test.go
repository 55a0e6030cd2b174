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

// A server that still waits for the other nodes of its cluster stops when it is asked to.
func TestAServerThatWaitsForOthersStops(t *testing.T) {
	t.Parallel()
	printed := newTranscript()
	process := exec.CommandContext(t.Context(), "task-scheduler", "--addr", "127.0.0.1:0", "--admin-addr", "off", "--log-dir=",
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
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-exited; err != nil || !strings.Contains(printed.String(), "stopped before it served") {
		t.Errorf("it ended with %v, and said:\n%s", err, printed)
	}
}
