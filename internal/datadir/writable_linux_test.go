package datadir

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Whoever checks settings is told before the start that the directory is another
// user's.
func TestADirectoryOfAnotherUser(t *testing.T) {
	path := t.TempDir()
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for mode, refused := range map[os.FileMode]bool{0o555: true, 0o777: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{path, filepath.Join(path, "new", "one")} {
			if err := asNobody(func() error { return CheckNew(dir) }); refused != (err != nil) || refused && !strings.Contains(err.Error(), "can't write to "+path+" (") {
				t.Errorf("%s with mode %o: %v", dir, mode, err)
			}
		}
	}
}

// asNobody calls f in a thread that has no more than others' rights, and ends after it.
func asNobody(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); err != 0 {
				result <- err
				return
			}
		}
		result <- f()
	}()
	return <-result
}
