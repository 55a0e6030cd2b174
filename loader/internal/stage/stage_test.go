package stage

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// TestStagesOfKilledServersAreSwept makes what a killed server leaves behind,
// beside the stage of one that lives.
func TestStagesOfKilledServersAreSwept(t *testing.T) {
	parent := t.TempDir()
	alive, dead, next := New(parent), New(parent), New(parent)
	defer alive.Remove()
	defer next.Remove()
	folders := map[string]bool{folder(t, alive): true, folder(t, dead): runtime.GOOS == "windows"}
	dead.unlock() // the system does that when a process ends
	stranger := filepath.Join(parent, "task-scheduler-plugins-are-nice")
	if err := os.Mkdir(stranger, 0o755); err != nil {
		t.Fatal(err)
	}
	folders[stranger] = true
	next.Sweep()
	for path, want := range folders {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func folder(t *testing.T, s *Stage) string {
	t.Helper()
	path, err := s.Folder()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNothingIsMadeBeforeItIsNeeded lets a server without plugins start where
// there is no place to write to.
func TestNothingIsMadeBeforeItIsNeeded(t *testing.T) {
	parent := t.TempDir()
	s := New(parent)
	s.Sweep()
	s.Remove()
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("%s was made", left[0])
	}
	if _, err := New(filepath.Join(parent, "missing")).Folder(); err == nil {
		t.Error("there is a folder in a folder that isn't there")
	}
	used := folder(t, s)
	s.Remove()
	if _, err := os.Stat(used); err == nil {
		t.Error("it was not removed")
	}
	if again := folder(t, s); again == used {
		t.Error("the same folder twice")
	}
	s.Remove()
}

// TestACopyIsOfAWholeFile changes a file between the time when it came to rest
// and the time when it is copied.
func TestACopyIsOfAWholeFile(t *testing.T) {
	stage := New(t.TempDir())
	defer stage.Remove()
	path := filepath.Join(t.TempDir(), "libmath.so")
	put(t, path, "first")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := file.FingerprintOf(info)
	copied, err := stage.Copy(t.Context(), path, seen, true)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(copied.Path); string(content) != "first" || err != nil {
		t.Errorf("the copy has %q, %v", content, err)
	}
	copied.Hold().Drop()
	if _, err := os.Stat(copied.Path); err != nil {
		t.Error("the copy has gone though somebody holds it")
	}
	copied.Drop()
	if _, err := os.Stat(copied.Path); err == nil {
		t.Error("the copy is still there though nobody holds it")
	}
	for name, change := range map[string]func(){
		"written": func() { put(t, path, "second") },
		"touched": func() { _ = os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)) },
		"removed": func() { _ = os.Remove(path) },
	} {
		change()
		if _, err := stage.Copy(t.Context(), path, seen, true); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(folder(t, stage), "copy-*")); len(left) > 0 {
		t.Errorf("%s was left", left)
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
