package loader

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

func TestFilesThatStrangersMayWriteAreRefused(t *testing.T) {
	t.Parallel()
	if file.WritersUnknown != "" {
		t.Skip(file.WritersUnknown)
	}
	for name, test := range map[string]struct {
		spoil, mend func(b *bench)
		refused     string // the plugin that the event is about; empty: the directory
	}{
		"the directory": {
			func(b *bench) { b.check(os.Chmod(b.dir, 0o775)) },
			func(b *bench) { b.check(os.Chmod(b.dir, 0o755)) }, "",
		},
		"the file": {
			func(b *bench) { b.check(os.Chmod(b.path(math), 0o666)) },
			func(b *bench) { b.check(os.Chmod(b.path(math), 0o644)) }, "math",
		},
		"where a link leads to": {
			func(b *bench) {
				folder := filepath.Join(filepath.Dir(b.dir), "open")
				b.check(os.Mkdir(folder, 0o700))
				b.check(os.Rename(b.path(math), filepath.Join(folder, math)))
				b.check(os.Chmod(folder, 0o777))
				b.check(os.Symlink(filepath.Join(folder, math), b.path(math)))
			},
			func(b *bench) {
				b.check(os.Chmod(filepath.Join(filepath.Dir(b.dir), "open"), 0o755))
				b.loads("math", Loaded) // nothing has happened to the file
			}, "math",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.put(math, fixture(t, 1, "ok"))
			test.spoil(b)
			b.run()
			e := b.await(EventLoadFailed, test.refused)
			if !strings.Contains(e.Message, "others than its owner") || !strings.Contains(e.Message, "chmod go-w") {
				t.Errorf("the event says %q", e.Message)
			}
			if b.tasks.Lookup("math::version") != nil {
				t.Error("it was loaded")
			}
			test.mend(b)
			b.await(EventLoaded, "math")
			b.serves("math", 1)
		})
	}
}

func TestTheCheckOfStrangersCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.DirCheck = false })
	b.put(math, fixture(t, 1, "ok"))
	b.check(os.Chmod(b.path(math), 0o666))
	b.check(os.Chmod(b.dir, 0o777))
	b.run()
	b.serves("math", 1)
}

func TestWhatLooksLikeAPluginAndIsNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.check(os.Mkdir(b.path("folder"+nativeEnding), 0o755))
	b.check(os.Symlink("nowhere", b.path("dangling"+nativeEnding)))
	write(t, b.path("empty"+nativeEnding), nil)
	write(t, b.path("text.wasm"), []byte("this is not a module"))
	b.run()
	for name, reason := range map[string]string{"folder": "not a regular file", "empty": "plugin empty", "text": "plugin text", "dangling": "leads to no file"} {
		if p := b.plugin(name); p.State != StateFailed || !strings.Contains(p.LastError, reason) {
			t.Errorf("%s: got %+v", name, p)
		}
	}
	if n := len(b.Plugins()); n != 4 {
		t.Errorf("%d files are listed: %+v", n, b.Plugins())
	}
}
