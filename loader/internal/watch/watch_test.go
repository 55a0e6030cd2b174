package watch

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// A bench is a watcher in virtual time that looks in intervals, with a real directory.
type bench struct {
	t   *testing.T
	dir string

	mu   sync.Mutex
	told []string // "+name", "-name", "!name: error", "dir: error", "caught up"
}

// inBench runs a test with a watcher; before it starts, prepare is called.
func inBench(t *testing.T, prepare, test func(b *bench)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "libraries")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, dir: dir}
		prepare(b)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := newWatcher(Config{
			Dir: dir, Match: func(name string) bool { return filepath.Ext(name) == ".so" },
			CheckWriters: true, Receiver: b, Logger: slog.New(slog.DiscardHandler),
		})
		go w.run(ctx, nil)
		synctest.Wait()
		test(b)
	})
}

func (b *bench) tell(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, what)
}

func (b *bench) Settled(name string, state file.Fingerprint, err error) {
	switch {
	case err != nil:
		b.tell("!" + name + ": " + err.Error())
	case state.Present():
		b.tell("+" + name)
	default:
		b.tell("-" + name)
	}
}

func (b *bench) Directory(err error) { b.tell(fmt.Sprint("dir: ", err)) }
func (b *bench) CaughtUp()           { b.tell("caught up") }

// after lets time go by, and checks what was told since the last call.
func (b *bench) after(d time.Duration, want ...string) {
	b.t.Helper()
	<-time.After(d)
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	same := slices.EqualFunc(b.told, want, func(got, want string) bool {
		return got == want || strings.HasSuffix(want, "…") && strings.HasPrefix(got, strings.TrimSuffix(want, "…"))
	})
	if !same {
		b.t.Errorf("told %q, want %q", b.told, want)
	}
	b.told = nil
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) write(name, content string) {
	b.t.Helper()
	b.check(os.WriteFile(b.path(name), []byte(content), 0o600))
}

func (b *bench) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// long is when all that is to be told has been told.
const long = SettleTime + 2*blindRescanTime

func nothing(*bench) {}

func TestAFileIsToldOfOnceItRests(t *testing.T) {
	inBench(t, nothing, func(b *bench) {
		b.after(0, "caught up")
		for i := range 10 { // somebody writes it slowly
			b.write("a.so", strings.Repeat("x", i+1))
			b.after(SettleTime - time.Millisecond)
		}
		b.after(long, "+a.so")
		b.write("README.md", "not watched")
		b.after(time.Minute)
		b.write("a.so", "y")
		b.after(long, "+a.so")
	})
}

func TestAnAbsenceThatIsShortIsNone(t *testing.T) {
	inBench(t, func(b *bench) { b.write("a.so", "x") }, func(b *bench) {
		b.after(long, "+a.so", "caught up")
		b.check(os.Rename(b.path("a.so"), b.path("away")))
		b.after(blindRescanTime)
		b.check(os.Rename(b.path("away"), b.path("a.so")))
		b.after(long, "+a.so") // its time of change is another one
		b.check(os.Remove(b.path("a.so")))
		b.after(long, "-a.so")
	})
}

func TestWhatIsGoneIsToldFirst(t *testing.T) {
	inBench(t, func(b *bench) { b.write("b.so", "x") }, func(b *bench) {
		b.after(long, "+b.so", "caught up")
		b.check(os.Rename(b.path("b.so"), b.path("a.so")))
		b.after(long, "-b.so", "+a.so")
	})
}

func TestAFileIsToldOfWhenItsWriterHasGone(t *testing.T) {
	var writer *os.File
	inBench(t, func(b *bench) {
		var err error
		writer, err = os.Create(b.path("a.so"))
		b.check(err)
		b.write("b.so", "x")
		if !file.BeingWritten(writer.Name()) {
			b.t.Skip("nobody can tell here whether a file is being written")
		}
	}, func(b *bench) {
		b.after(time.Minute, "+b.so")
		b.check(writer.Close())
		b.after(2*WriterTime, "+a.so", "caught up")
	})
}

func TestLinksThatLeadNowhere(t *testing.T) {
	inBench(t, func(b *bench) {
		b.check(os.Symlink("nowhere", b.path("a.so")))
		b.check(os.Symlink("loop.so", b.path("loop.so")))
	}, func(b *bench) {
		b.after(long, "!a.so: a.so is a symbolic link that leads to no file", "!loop.so: …", "caught up")
		b.check(os.Remove(b.path("loop.so")))
		b.write("nowhere", "x")
		b.after(long, "-loop.so", "+a.so")
	})
}

func TestTheDirectory(t *testing.T) {
	if file.WritersUnknown != "" {
		t.Skip(file.WritersUnknown)
	}
	inBench(t, func(b *bench) { b.check(os.Chmod(b.dir, 0o777)) }, func(b *bench) {
		b.after(0, "dir: "+b.dir+" can be written to by others…", "caught up")
		b.check(os.Chmod(b.dir, 0o755))
		b.after(long, "dir: <nil>")
		b.check(os.Remove(b.dir))
		b.after(time.Minute)
		b.check(os.Mkdir(b.dir, 0o755))
		b.write("a.so", "x")
		b.after(long, "+a.so")
		b.check(os.RemoveAll(b.dir))
		b.check(os.WriteFile(b.dir, nil, 0o600))
		b.after(long, "dir: the library directory can't be read: …")
	})
}
