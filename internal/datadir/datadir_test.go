package datadir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADirectoryIsMadeAndOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "data")
	for range 2 {
		d, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Dir(d.Engine()) != path {
			t.Errorf("the engine is in %s", d.Engine())
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v: others can read it", info.Mode(), err)
	}
	d, err := OpenExisting(path)
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	if _, err := OpenExisting(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no data directory") {
		t.Errorf("an empty one: %v", err)
	}
}

// TestAPowerCutAtTheFirstStart leaves a directory that can be used.
func TestAPowerCutAtTheFirstStart(t *testing.T) {
	path := t.TempDir()
	for _, name := range []string{lockName, newName} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("1"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	if err := Check(path); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(path, newName)); !os.IsNotExist(err) {
		t.Errorf("%s: %v", newName, err)
	}
}

func TestTwoAtATime(t *testing.T) {
	path := t.TempDir()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "is in use by process") {
		t.Errorf("got %v", err)
	}
	d.Close()
	d, err = Open(path)
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct{ file, text, want string }{
		"something else's": {"notes.txt", "mine", "files of something else, \"notes.txt\""},
		"newer":            {formatName, heading + "\nformat 2\n", "a newer version has written"},
		"too old":          {formatName, heading + "\nformat 0\n", "too old"},
		"damaged":          {formatName, heading + "\nformat x\n", "damaged"},
		"another heading":  {formatName, "Redis\nformat 1\n", "damaged"},
		"cut off":          {formatName, heading[:10], "damaged"},
		"empty":            {formatName, "", "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			if err := os.WriteFile(filepath.Join(path, test.file), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, open := range []func(string) (*Dir, error){Open, OpenExisting} {
				if _, err := open(path); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v", err)
				}
			}
			entries, err := os.ReadDir(path)
			if err != nil || len(entries) != 1 {
				t.Errorf("a refused directory was changed: %v, %v", entries, err)
			}
		})
	}
}

func TestWhatIsNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}
