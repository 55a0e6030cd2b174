package loader

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

func TestAnOperatorUnloads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	nap := b.start("math::nap", task.Int64(300))
	b.isRunning("math::nap")
	b.check(b.Unload(t.Context(), "math"))
	if b.tasks.Lookup("math::version") != nil {
		t.Error("its tasks are still there")
	}
	if err := <-nap; err != nil {
		t.Errorf("a call in flight failed: %v", err)
	}
	b.put(math, fixture(t, 1, "ok")) // the same
	b.stall()
	if p := b.plugin("math"); p.State != StateUnloaded || p.PID != 0 || p.Tasks != nil || p.SHA256 != "" {
		t.Errorf("got %+v", p)
	}
	b.loads("math", Loaded)
	b.serves("math", 1)
	b.loads("math", Unchanged) // it is
	b.check(b.Unload(t.Context(), "math"))
	b.put(math, fixture(t, 2, "ok"))
	b.await(EventLoaded, "math") // the first one
	b.await(EventLoaded, "math")
	b.await(EventLoaded, "math")
	b.serves("math", 2)
	b.expect("math", "loaded unloaded loaded unloaded loaded")
}

func TestAnOperatorReloads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	before := b.plugin("math")
	result, err := b.Reload(t.Context(), "math")
	b.check(err)
	if result.Action != Restarted || result.SHA256 != before.SHA256 || result.Before != before.SHA256 {
		t.Errorf("it did %+v", result)
	}
	b.serves("math", 1)
	after := b.plugin("math")
	if after.PID == before.PID || after.SHA256 != before.SHA256 || !after.LoadedAt.After(before.LoadedAt) {
		t.Errorf("got %+v after %+v", after, before)
	}
	b.gone(before.PID)
	b.expect("math", "loaded reloaded")
}

func TestAnOperatorReloadsAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.put("math.wasm", []byte("not a module"))
	b.put("idle"+nativeEnding, fixture(t, 1, "ok"))
	b.run()
	b.check(b.Unload(t.Context(), "idle"))
	before := b.plugin("math")
	if outcomes := b.ReloadAll(t.Context()); len(outcomes) != 1 || outcomes["math"] != nil {
		t.Errorf("it reloaded %v, want math alone, once", outcomes)
	}
	if after := b.plugin("math"); after.PID == before.PID {
		t.Error("math still has its process")
	}
	if p := b.plugin("idle"); p.State != StateUnloaded {
		t.Errorf("what was unloaded is %v", p.State)
	}
}

func TestAnOperatorIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fails(failure(b.Load(t.Context(), "math")), task.Unavailable, "starting")
	b.put(math, fixture(t, 1, "abi"))
	b.put("math"+nativeEnding, fixture(t, 1, "ok"))
	b.put("x y"+nativeEnding, fixture(t, 1, "ok"))
	b.run()
	b.fails(failure(b.Load(t.Context(), "../math")), task.InvalidArgument, "../math")
	b.fails(failure(b.Load(t.Context(), "")), task.InvalidArgument, "")
	b.fails(b.Unload(t.Context(), "nobody"), task.NotFound, "nobody")
	b.fails(failure(b.Load(t.Context(), "math")), task.FailedPrecondition, "plugin math", "ABI")
	b.fails(failure(b.Reload(t.Context(), "math")), task.FailedPrecondition, "plugin math", "ABI")
	if p := b.plugin("x y"); p.State != StateFailed || !strings.Contains(p.LastError, "letters") {
		t.Errorf("got %+v", p)
	}
	b.put(math, fixture(t, 1, "hang"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Load(ctx, "math"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestUnloadEndsALoad: the operator does not want to wait for a plugin that hangs.
func TestUnloadEndsALoad(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.LoadTimeout = time.Hour })
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	b.put(math, fixture(t, 1, "hang"))
	reload := make(chan error, 1)
	go func() { reload <- failure(b.Reload(context.Background(), "math")) }()
	b.stall()
	b.check(b.Unload(t.Context(), "math"))
	if err := <-reload; err == nil {
		t.Error("the reload succeeded")
	}
	if p := b.plugin("math"); p.State != StateUnloaded {
		t.Errorf("got %+v", p)
	}
	b.put(math, fixture(t, 2, "ok"))
	b.awaitAny(EventUnloaded, "math")
	b.await(EventLoaded, "math")
	b.await(EventLoaded, "math")
	b.serves("math", 2)
}

func TestPlugins(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "fewer"))
	b.run()
	p := b.plugin("math")
	if p.File != math || p.State != StateServing || p.PID == 0 || p.LastError != "" || p.Restarts != 0 ||
		strings.Join(p.Tasks, " ") != "math::version math::echo" || len(p.SHA256) != 64 || time.Since(p.LoadedAt) > time.Minute {
		t.Errorf("got %+v", p)
	}
	if found := b.tasks.Lookup("math::version"); found == nil || found.Source != math || found.Async || !found.Interruptible {
		t.Errorf("got the task %+v", found)
	}
}

func TestRunEndsOnceAndForAll(t *testing.T) {
	t.Parallel()
	config := Config{
		Dir: filepath.Join(t.TempDir(), "libraries"), Tasks: new(task.Registry), TempDir: t.TempDir(),
		Logger: slog.New(slog.DiscardHandler),
	}
	l, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Run(ctx); err != nil {
		t.Error(err)
	}
	if err := l.Run(ctx); err == nil {
		t.Error("it runs twice")
	}
	if left, _ := filepath.Glob(filepath.Join(config.TempDir, "*")); len(left) > 0 {
		t.Errorf("%s was left", left)
	}
	if _, err := New(Config{Tasks: config.Tasks}); err == nil {
		t.Error("New takes a Config without a directory")
	}
}

// TestWithoutPlugins: a server without plugins needs no place for temporary files.
func TestWithoutPlugins(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.TempDir = filepath.Join(c.TempDir, "missing") }).run()
	b.put(math, fixture(t, 1, "ok"))
	if e := b.await(EventLoadFailed, "math"); !strings.Contains(e.Message, "Config.TempDir") {
		t.Errorf("the event says %q", e.Message)
	}
}

// TestARelativeTempDir: processes begin elsewhere.
func TestARelativeTempDir(t *testing.T) {
	content := fixture(t, 1, "ok")
	t.Chdir(t.TempDir())
	if err := os.Mkdir("temporary", 0o700); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(c *Config) { c.TempDir = "temporary" })
	b.put(math, content)
	b.run()
	b.serves("math", 1)
}

// loads checks that Load does what it should.
func (b *bench) loads(plugin string, want Action) {
	b.t.Helper()
	result, err := b.Load(b.t.Context(), plugin)
	if err != nil || result.Action != want || result.SHA256 != b.plugin(plugin).SHA256 {
		b.t.Errorf("got %+v and %v, want it %s", result, err, want)
	}
}

func failure(_ LoadResult, err error) error { return err }
