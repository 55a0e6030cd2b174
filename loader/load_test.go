package loader

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/watch"
)

// math is the file that most tests put into the library directory.
var math = "libmath" + nativeEnding

// changes are the ways in which a file gets into a directory, or changes there.
// Each is done twice: to bring version 1, when there is none, and version 2 in
// its place. It returns when the file is whole.
var changes = []struct {
	name string
	do   func(b *bench, version int)
}{
	{"cp", func(b *bench, version int) {
		write(b.t, b.path(math), fixture(b.t, version, "ok")) // truncates, then writes
	}},
	{"a slow writer", func(b *bench, version int) {
		content := fixture(b.t, version, "ok")
		file := b.create(os.O_TRUNC)
		const pieces = 10
		pace := time.NewTicker(watch.SettleTime / 4)
		defer pace.Stop()
		for i := range pieces {
			b.append(file, content[i*len(content)/pieces:(i+1)*len(content)/pieces])
			<-pace.C
		}
		file.Close()
	}},
	{"a stalled writer", func(b *bench, version int) {
		content := fixture(b.t, version, "ok")
		file := b.create(os.O_TRUNC)
		b.append(file, content[:len(content)/2])
		b.stall()
		b.append(file, content[len(content)/2:])
		file.Close()
	}},
	{"mv within the file system", func(b *bench, version int) {
		b.remove(math) // mv -b, say; the next one replaces it directly
		b.put(math, fixture(b.t, version, "ok"))
	}},
	{"rename over it", func(b *bench, version int) {
		b.put(math, fixture(b.t, version, "ok"))
	}},
	{"install", func(b *bench, version int) {
		b.remove(math)
		content := fixture(b.t, version, "ok")
		file := b.create(os.O_EXCL)
		b.append(file, content[:len(content)/3])
		b.append(file, content[len(content)/3:])
		file.Chmod(0o755)
		file.Close()
	}},
	{"rsync", func(b *bench, version int) {
		temporary := b.path("." + math + ".Xy12z9")
		write(b.t, temporary, fixture(b.t, version, "ok"))
		os.Chmod(temporary, 0o755)
		old := time.Now().Add(-time.Hour) // rsync -t
		os.Chtimes(temporary, old, old)
		os.Rename(temporary, b.path(math))
	}},
	{"a hard link", func(b *bench, version int) {
		source := b.outside("source", fixture(b.t, version, "ok"))
		b.remove(math)
		b.check(os.Link(source, b.path(math)))
	}},
	{"a symbolic link", func(b *bench, version int) {
		source := b.outside("source", fixture(b.t, version, "ok"))
		b.remove(math)
		b.check(os.Symlink(source, b.path(math)))
	}},
	{"a symbolic link that is exchanged", func(b *bench, version int) {
		source := b.outside("source", fixture(b.t, version, "ok"))
		b.check(os.Symlink(source, b.path(".next")))
		b.check(os.Rename(b.path(".next"), b.path(math)))
	}},
	{"what a symbolic link leads to", func(b *bench, version int) {
		source := filepath.Join(filepath.Dir(b.dir), "constant")
		write(b.t, source, fixture(b.t, version, "ok"))
		if version == 1 {
			b.check(os.Symlink(source, b.path(math)))
		}
	}},
	{"Kubernetes", func(b *bench, version int) {
		data := fmt.Sprintf("..2024_%02d", version)
		b.check(os.Mkdir(b.path(data), 0o755))
		write(b.t, filepath.Join(b.path(data), math), fixture(b.t, version, "ok"))
		b.check(os.Symlink(data, b.path("..data_tmp")))
		b.check(os.Rename(b.path("..data_tmp"), b.path("..data")))
		if version == 1 {
			b.check(os.Symlink(filepath.Join("..data", math), b.path(math)))
		} else {
			b.check(os.RemoveAll(b.path(fmt.Sprintf("..2024_%02d", version-1))))
		}
	}},
	{"a directory that is exchanged", func(b *bench, version int) {
		next := b.dir + ".next"
		b.check(os.Mkdir(next, 0o755))
		write(b.t, filepath.Join(next, math), fixture(b.t, version, "ok"))
		b.check(os.Rename(b.dir, fmt.Sprintf("%s.%d", b.dir, version)))
		b.check(os.Rename(next, b.dir))
	}},
}

func TestEachChangeIsLoadedOnce(t *testing.T) {
	t.Parallel()
	for _, change := range changes {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t).run()
			for version, kind := range []EventKind{EventLoaded, EventReloaded} {
				change.do(b, version+1)
				b.await(kind, "math")
				b.serves("math", version+1)
			}
			b.expect("math", "loaded reloaded")
		})
	}
}

func TestWhatChangesNothingDoesNothing(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(b *bench){
		"touch":     func(b *bench) { b.check(os.Chtimes(b.path(math), time.Now(), time.Now())) },
		"cp":        func(b *bench) { write(b.t, b.path(math), fixture(b.t, 1, "ok")) },
		"rename":    func(b *bench) { b.put(math, fixture(b.t, 1, "ok")) },
		"chmod":     func(b *bench) { b.check(os.Chmod(b.path(math), 0o600)) },
		"open":      func(b *bench) { b.create(0).Close() },
		"dot-files": func(b *bench) { write(b.t, b.path("."+math), fixture(b.t, 2, "ok")) },
		"others":    func(b *bench) { write(b.t, b.path("README.md"), []byte("hello")) },
		"short absence": func(b *bench) {
			b.remove(math)
			b.put(math, fixture(b.t, 1, "ok"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.put(math, fixture(t, 1, "ok"))
			b.run()
			b.serves("math", 1)
			process := b.plugin("math").PID
			do(b)
			b.expect("math", "loaded")
			if now := b.plugin("math").PID; now != process {
				t.Error("it was started anew")
			}
		})
	}
}

func TestAFileThatIsRemovedIsUnloaded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	b.remove(math)
	b.await(EventUnloaded, "math")
	if b.tasks.Lookup("math::version") != nil {
		t.Error("its tasks are still there")
	}
	b.put(math, fixture(t, 1, "ok"))
	b.await(EventLoaded, "math")
	b.serves("math", 1)
	b.expect("math", "loaded unloaded loaded")
}

func TestTheDirectoryComesAndGoes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.check(os.Remove(b.dir))
	b.run() // it is ready all the same
	for version := 1; version <= 3; version++ {
		b.check(os.Mkdir(b.dir, 0o755))
		b.put(math, fixture(t, version, "ok"))
		b.await(EventLoaded, "math")
		b.serves("math", version)
		b.check(os.RemoveAll(b.dir))
		b.await(EventUnloaded, "math")
	}
	b.check(os.Mkdir(b.dir, 0o755))
	b.expect("math", "loaded unloaded loaded unloaded loaded unloaded")
}

func TestManyFilesAtOnce(t *testing.T) {
	const many = 30
	t.Parallel()
	b := newBench(t).run()
	for i := range many {
		write(t, b.path(fmt.Sprintf("m%d%s", i, nativeEnding)), fixture(t, i, "ok"))
	}
	for i := range many {
		b.awaitAny(EventLoaded, fmt.Sprintf("m%d", i))
		b.serves(fmt.Sprintf("m%d", i), i)
	}
	for i := range many {
		b.remove(fmt.Sprintf("m%d%s", i, nativeEnding))
	}
	for i := range many {
		b.awaitAny(EventUnloaded, fmt.Sprintf("m%d", i))
	}
}

func TestReadyWaitsForWhatIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	write(t, b.path(math), fixture(t, 1, "ok"))
	write(t, b.path("bad"+nativeEnding), []byte("not a library"))
	b.run()
	b.serves("math", 1)
	if bad := b.plugin("bad"); bad.State != StateFailed || bad.LastError == "" {
		t.Errorf("the bad one: %+v", bad)
	}
}

func TestAFileThatStaysOpenKeepsTheOldOneServing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	file := b.create(os.O_TRUNC)
	b.append(file, fixture(t, 2, "ok")[:1000])
	b.stall()
	b.serves("math", 1)
	file.Close() // half a file is whole now, as far as anybody can tell
	e := b.await(EventLoadFailed, "math")
	if e.Message == "" {
		t.Error("there is no reason")
	}
	b.serves("math", 1)
	write(t, b.path(math), fixture(t, 3, "ok"))
	b.await(EventReloaded, "math")
	b.serves("math", 3)
	b.expect("math", "loaded load_failed reloaded")
}
