package logging

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A line of which the disk had room for a part only doesn't spoil the next one.
func TestLineAfterTornOneIsWhole(t *testing.T) {
	f, err := newFile(t.TempDir(), Limits{Bytes: 1 << 20, Age: time.Hour, Files: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 10, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("first\n"))
	_, _ = f.Write([]byte("second\n"))
	_, _ = f.Write([]byte("third\n"))
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("fourth\n"))
	_, _ = f.Write([]byte("fifth\n"))
	text, err := os.ReadFile(f.name)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(string(text), "\n"); len(got) != 5 || got[0] != "first" || got[2] != "fourth" || got[3] != "fifth" || f.lostLines() != 2 {
		t.Errorf("the file has %q, and %d lines are lost", text, f.lostLines())
	}
}
