package file_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// TestNoExec asks about a file system that is mounted noexec as a rule, and one
// that the test itself is run from.
func TestNoExec(t *testing.T) {
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?m)^\S+ /proc \S+ \S*\bnoexec\b`).Match(mounts)
	if got := file.NoExec("/proc"); got != want {
		t.Errorf("/proc: %t, but /proc/mounts says %t", got, want)
	}
	if file.NoExec("/proc/self/exe") || file.NoExec("/nowhere") {
		t.Error("this test can't be run")
	}
}

func TestWriters(t *testing.T) {
	path := t.TempDir() + "/file"
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if file.BeingWritten(path) {
		t.Error("nobody writes it any more")
	}
	writer, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if !file.BeingWritten(path) {
		t.Error("somebody has it open for writing")
	}
}
