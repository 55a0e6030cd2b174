package loader

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPluginNames(t *testing.T) {
	for file, want := range map[string]string{ // want is a name, or "!" and a part of the error
		"libmath.so": "math", "math.so": "math", "libmath.wasm": "math", "m.v2-x_1.so": "m.v2-x_1",
		"library.so": "rary", "_x.so": "_x", "libllib.so": "llib", "a.b.dylib": "a.b",
		"lib.so": "!nothing is left", "9x.so": "!want letters", "x y.so": "!want letters", "x:y.so": "!want letters",
		"ä.so": "!want letters", "lib-x.so": "!want letters",
		strings.Repeat("x", 128) + ".so": strings.Repeat("x", 128),
		strings.Repeat("x", 129) + ".so": "!more than 128",
	} {
		name, err := pluginName(file)
		switch part, fails := strings.CutPrefix(want, "!"); {
		case fails && (err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), file)):
			t.Errorf("%s: got the error %v, want one with %q and the file's name", file, err, part)
		case !fails && (err != nil || name != want):
			t.Errorf("%s: got %q and %v, want %q", file, name, err, want)
		}
	}
}

func TestEndings(t *testing.T) {
	for system, want := range map[string]string{"linux": ".so", "freebsd": ".so", "darwin": ".dylib", "windows": ".dll"} {
		if got := endingOf(system); got != want {
			t.Errorf("%s: got %s, want %s", system, got, want)
		}
	}
	for file, want := range map[string]bool{
		math: true, "x.wasm": true, "X.WASM": true, "." + math: false, "..data": false, "README.md": false, "x": false,
		"x" + nativeEnding + ".1": false, "x.exe": false,
	} {
		if got := isPluginFile(file); got != want {
			t.Errorf("%s: got %t, want %t", file, got, want)
		}
	}
}

func TestFilesThatStrangersMayWriteAreRefused(t *testing.T) {
	t.Parallel()
	if permissionNote != "" {
		t.Skip(permissionNote)
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
				b.check(b.Load(b.t.Context(), "math")) // nothing has happened to the file
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
	write(t, b.path("text.wasm"), []byte("this is no module"))
	b.run()
	for name, reason := range map[string]string{"folder": "not a regular file", "empty": "plugin empty", "text": "plugin text"} {
		if p := b.plugin(name); p.State != StateFailed || !strings.Contains(p.LastError, reason) {
			t.Errorf("%s: got %+v", name, p)
		}
	}
	if n := len(b.Plugins()); n != 3 {
		t.Errorf("%d files are listed: %+v", n, b.Plugins())
	}
}

// TestStagesOfKilledServersAreSwept makes what a killed server leaves behind,
// beside the stage of one that lives.
func TestStagesOfKilledServersAreSwept(t *testing.T) {
	folder := t.TempDir()
	alive, err := newStage(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer alive.remove()
	dead, err := newStage(folder)
	if err != nil {
		t.Fatal(err)
	}
	dead.unlock() // the system does that when a process ends
	stranger := filepath.Join(folder, "task-scheduler-plugins-are-nice")
	if err := os.Mkdir(stranger, 0o755); err != nil {
		t.Fatal(err)
	}
	next, err := newStage(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer next.remove()
	for path, want := range map[string]bool{alive.folder: true, next.folder: true, stranger: true, dead.folder: nativeEnding != ".so" && nativeEnding != ".dylib"} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestACopyIsOfAWholeFile changes a file between the time when it came to rest
// and the time when it is copied.
func TestACopyIsOfAWholeFile(t *testing.T) {
	stage, err := newStage(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer stage.remove()
	path := filepath.Join(t.TempDir(), math)
	write(t, path, []byte("first"))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := footprintOf(info)
	copied, err := stage.copy(t.Context(), path, seen, true)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(copied.path); string(content) != "first" || err != nil {
		t.Errorf("the copy has %q, %v", content, err)
	}
	copied.drop()
	if _, err := os.Stat(copied.path); err == nil {
		t.Error("the copy is still there though nobody holds it")
	}
	for name, change := range map[string]func(){
		"written": func() { write(t, path, []byte("second")) },
		"touched": func() { _ = os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)) },
		"removed": func() { _ = os.Remove(path) },
	} {
		change()
		if _, err := stage.copy(t.Context(), path, seen, true); !errors.Is(err, errChanged) {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(stage.folder, "copy-*")); len(left) > 0 {
		t.Errorf("%s was left", left)
	}
}

func TestPausesGrowAndCrashesAreForgotten(t *testing.T) {
	var c crashes
	now := time.Now()
	want := shortestPause
	for i := range 12 {
		recent, pause := c.add(now)
		if recent != i+1 || pause != want {
			t.Errorf("crash %d: got %d recent ones and a pause of %s, want %s", i+1, recent, pause, want)
		}
		want = min(2*want, longestPause)
		now = now.Add(time.Second)
	}
	if recent, pause := c.add(now.Add(crashWindow)); recent != 1 || pause != shortestPause {
		t.Errorf("after a while: got %d recent ones and a pause of %s", recent, pause)
	}
}
