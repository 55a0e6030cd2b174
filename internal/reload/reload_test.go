package reload_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/reload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// replace puts a file in the place of another in one step.
func replace(t *testing.T, name, text string) {
	t.Helper()
	next := name + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, name); err != nil {
		t.Fatal(err)
	}
}

// newText returns the text of a file, and what was told of its changes. A file
// that can't be read changes nothing.
func newText(t *testing.T, name string) (text *reload.Value[string], told *[]string) {
	t.Helper()
	told = new([]string)
	text, err := reload.New(reload.Source[string]{
		Files: []string{name, ""},
		Read: func() (string, error) {
			content, err := reload.ReadFile("Config.Name", name)
			return string(content), err
		},
		Changed: func(was, read string, err error) string {
			if err != nil {
				*told = append(*told, err.Error())
				return was
			}
			*told = append(*told, was+" to "+read)
			return read
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text, told
}

func TestFilesAreLookedAtOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "name")
		replace(t, name, "first")
		text, _ := newText(t, name)
		replace(t, name, "second")
		time.Sleep(time.Second - 1) //nolint:forbidigo // the clock is synctest's
		if got := text.Get(); got != "first" {
			t.Errorf("before a second is over: %q", got)
		}
		time.Sleep(time.Nanosecond) //nolint:forbidigo // the clock is synctest's
		if got := text.Get(); got != "second" {
			t.Errorf("after a second: %q", got)
		}
		replace(t, name, "third")
		if got := text.Get(); got != "second" {
			t.Errorf("right after a look: %q", got)
		}
		if got := text.Refresh(); got != "third" {
			t.Errorf("after Refresh: %q", got)
		}
	})
}

func TestChangesAreToldOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "name")
	replace(t, name, "a")
	text, told := newText(t, name)
	for _, step := range []struct {
		name   string
		change func() error
		want   string
		told   string
	}{
		{"nothing", func() error { return nil }, "a", ""},
		{"another file", func() error { replace(t, name, "b"); return nil }, "b", "a to b"},
		{"no file", func() error { return os.Remove(name) }, "b", "check its name and permissions"},
		{"the file again", func() error { replace(t, name, "c"); return nil }, "c", "b to c"},
		{"its mode", func() error { return os.Chmod(name, 0o400) }, "c", "c to c"},
	} {
		*told = nil
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := text.Refresh(); got != step.want {
				t.Errorf("%s: got %q, want %q", step.name, got, step.want)
			}
		}
		if all := strings.Join(*told, "\n"); (step.told == "") != (all == "") || !strings.Contains(all, step.told) || len(*told) > 1 {
			t.Errorf("%s: told %q, want %q once", step.name, *told, step.told)
		}
	}
}

// TestReplacedDirectory: a symbolic link on the way, as Kubernetes mounts what
// is secret.
func TestReplacedDirectory(t *testing.T) {
	dir := t.TempDir()
	point := func(version string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, version), 0o700); err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(dir, version, "name"), version)
		if err := os.Symlink(version, filepath.Join(dir, "next")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	point("..1")
	text, _ := newText(t, filepath.Join(dir, "..data", "name"))
	point("..2")
	if got := text.Refresh(); got != "..2" {
		t.Errorf("got %q", got)
	}
}

func TestNewNeedsTheFiles(t *testing.T) {
	_, err := reload.New(reload.Source[string]{Read: func() (string, error) {
		content, err := reload.ReadFile("Config.TLSCert", filepath.Join(t.TempDir(), "missing"))
		return string(content), err
	}})
	if err == nil || !strings.Contains(err.Error(), "Config.TLSCert: can't read") || strings.Count(err.Error(), "missing") != 1 {
		t.Errorf("got %v", err)
	}
}

// TestManyReaders is for the race detector.
func TestManyReaders(t *testing.T) {
	name := filepath.Join(t.TempDir(), "name")
	replace(t, name, "0")
	text, told := newText(t, name)
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for range 100 {
				text.Get()
				text.Refresh()
			}
		})
	}
	replace(t, name, "1")
	readers.Wait()
	if got := text.Refresh(); got != "1" || len(*told) != 1 {
		t.Errorf("got %q, told %q", got, *told)
	}
}
