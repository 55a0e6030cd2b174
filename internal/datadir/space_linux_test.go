package datadir

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestADiskIsFilledByOthers: when it is spent, what was held back is there to end in good
// order, and it stays spent until there is room for more than that.
func TestADiskIsFilledByOthers(t *testing.T) {
	const size = 16 << 20
	path := t.TempDir()
	if err := unix.Mount("tmpfs", path, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("file systems can't be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(path, unix.MNT_DETACH) })
	d := &Dir{path: path}
	s := d.Watch(slog.New(slog.DiscardHandler))
	defer s.Close()
	s.Hold()
	if free, _, err := space(path); err != nil || free > size-size/10/ballastPart {
		t.Errorf("of %d bytes %d are free, %v", size, free, err)
	}
	others := filepath.Join(path, "others")
	fill(t, others)
	awaitSpace(t, s, "it is spent", (*Space).Spent)
	if !s.Full() {
		t.Error("it is spent and takes more")
	}
	own := filepath.Join(path, "own")
	if err := os.WriteFile(own, make([]byte, size/10/ballastPart/2), 0o600); err != nil {
		t.Errorf("what was held back can't be written: %v", err)
	}
	s.look()
	if !s.Spent() {
		t.Error("what was held back counts as room")
	}
	if err := os.Remove(others); err != nil {
		t.Fatal(err)
	}
	awaitSpace(t, s, "it has room", func(s *Space) bool { return !s.Full() && !s.Spent() })
	fill(t, others)
	awaitSpace(t, s, "it is spent again", (*Space).Spent)
	if err := os.WriteFile(own, make([]byte, size/10/ballastPart/2), 0o600); err != nil {
		t.Errorf("it is not held back again: %v", err)
	}
}

// fill writes a file that takes the whole disk.
func fill(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for piece := make([]byte, 4<<10); err == nil; {
		_, err = file.Write(piece)
	}
}

func awaitSpace(t *testing.T, s *Space, what string, is func(*Space) bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(time.Minute); !is(s); <-again.C {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come about that %s: %d bytes are free", what, s.Free())
		}
	}
}
