package cmd_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestAPersonIsToldWhatIsWaitedFor runs a task of a plugin whose file is still
// being written.
func TestAPersonIsToldWhatIsWaitedFor(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("needs cc")
	}
	library, err := os.Open(plugintest.Compile(t, plugintest.Example(t, "c")))
	if err != nil {
		t.Fatal(err)
	}
	defer library.Close()
	s := &serverProcess{env: append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TASK_SCHEDULER_ADMIN_ADDR=127.0.0.1:0")}
	t.Cleanup(s.kill)
	dir := t.TempDir()
	addr, err := s.start(dir, nil, []string{"--addr", "127.0.0.1:0", "--log-dir=", "--library-dir", dir})
	if err != nil {
		t.Fatal(err)
	}
	slow, err := os.OpenFile(filepath.Join(dir, "libslow.so"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	p := startTerminal(t, dir, "task-scheduler", "run", "slow::multiply", "6", "7", "--server", addr)
	p.expect(`waiting for plugin slow to be loaded`)
	if _, err := io.Copy(slow, library); err != nil {
		t.Fatal(err)
	}
	if err := slow.Close(); err != nil {
		t.Fatal(err)
	}
	p.expect(`\n42\r|NOT_FOUND`) // if the machine is too busy to load it in time
}
