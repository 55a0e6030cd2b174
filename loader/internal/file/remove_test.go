package file_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

func TestRemoveTree(t *testing.T) {
	parent := t.TempDir()
	kept := filepath.Join(parent, "kept")
	folder := filepath.Join(parent, "folder")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(kept, nil, 0o600))
	must(os.Mkdir(folder, 0o700))
	must(os.MkdirAll(filepath.Join(folder, "moved-1", "a", "b"), 0o700)) // a name that it would take itself
	must(os.Symlink(parent, filepath.Join(folder, "moved-1", "link")))
	must(os.Mkdir(filepath.Join(folder, "shut"), 0o300))
	must(os.WriteFile(filepath.Join(folder, "shut", "file"), nil, 0))
	must(os.MkdirAll(filepath.Join(folder, "outer", "inner"), 0o700))
	must(os.Chmod(filepath.Join(folder, "outer", "inner"), 0))
	const levels = 50 // longer than any path may be
	root, err := os.OpenRoot(folder)
	must(err)
	defer root.Close()
	name := strings.Repeat("d", 250)
	at := root
	for range levels {
		must(at.Mkdir(name, 0o700))
		next, err := at.OpenRoot(name)
		must(err)
		t.Cleanup(func() { _ = next.Close() })
		at = next
	}
	must(at.WriteFile("deep", nil, 0o600))

	must(file.RemoveTree(folder))
	if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	if _, err := os.Lstat(kept); err != nil {
		t.Errorf("what a link leads to: %v", err)
	}
	must(file.RemoveTree(folder)) // no error when there is none
}
