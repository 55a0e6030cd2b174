package loader

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// TestReloadUnderLoad replaces the file 30 times while 64 callers call, and
// then lets them go on until there were a hundred thousand calls. None may
// fail, and no caller may see an older version after a newer one.
func TestReloadUnderLoad(t *testing.T) {
	const callers, replacements, enough = 64, 30, 100_000
	b := newBench(t)
	b.put(math, fixture(t, 0, "ok"))
	b.run()
	var calls atomic.Int64
	var replaced atomic.Bool
	var running sync.WaitGroup
	failed := make(chan error, callers)
	for range callers {
		running.Go(func() {
			last := ""
			for !replaced.Load() || calls.Load() < enough {
				got, err := b.call(context.Background(), "math::version")
				if err == nil && got < last {
					err = fmt.Errorf("version %s answered after %s", got, last)
				}
				if err != nil {
					failed <- err
					return
				}
				last = got
				calls.Add(1)
			}
		})
	}
	for version := 1; version <= replacements; version++ {
		b.put(math, fixture(t, version, "ok"))
		b.await(EventReloaded, "math")
		b.serves("math", version)
	}
	replaced.Store(true)
	running.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	t.Logf("%d calls", calls.Load())
	if got, want := b.kinds("math"), "loaded"+strings.Repeat(" reloaded", replacements); got != want {
		t.Errorf("events: %q, want %q", got, want)
	}
}

func TestCallsEndWhereTheyBegan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	process := b.plugin("math").PID
	answer := make(chan string, 1)
	go func() {
		got, err := b.call(context.Background(), "math::nap", task.Int64(1500))
		answer <- fmt.Sprint(got, err)
	}()
	b.isRunning("math::nap")
	b.put(math, fixture(t, 2, "ok"))
	b.await(EventReloaded, "math")
	b.serves("math", 2)
	if got := <-answer; got != "00000001<nil>" {
		t.Errorf("got %s from the call that began before", got)
	}
	b.gone(process)
}

func TestACallThatTakesTooLongIsEndedWithItsFormerProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.DrainTimeout = 100 * time.Millisecond })
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	nap := b.start("math::nap", task.Int64(60_000))
	b.isRunning("math::nap")
	b.put(math, fixture(t, 2, "ok"))
	b.fails(<-nap, task.Internal, "plugin math")
	b.serves("math", 2)
	b.expect("math", "loaded reloaded")
}

// TestTasksThatAreGone looks a task up before a reload that takes it away.
func TestTasksThatAreGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	before := b.tasks.Lookup("math::nap")
	b.put(math, fixture(t, 2, "fewer"))
	b.await(EventReloaded, "math")
	if p := b.plugin("math"); len(p.Tasks) != 2 || b.tasks.Lookup("math::nap") != nil {
		t.Errorf("got %+v", p)
	}
	b.remove(math)
	b.await(EventUnloaded, "math")
	_, err := before.Run(t.Context(), nil)
	b.fails(err, task.NotFound, "Method not found: math::nap")
}

// TestANameThatIsTaken: somebody else has a task of a plugin's name.
func TestANameThatIsTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	taken := &task.Task{Name: "math::echo", Source: "main.go:1", Run: func(context.Context, []task.Value) (task.Value, error) {
		return task.Value{}, nil
	}}
	b.check(b.tasks.Add(taken))
	t.Cleanup(func() { b.check(b.tasks.Replace("main.go:1")) })
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	e := b.await(EventLoadFailed, "math")
	if !strings.Contains(e.Message, "math::echo") || !strings.Contains(e.Message, "main.go:1") {
		t.Errorf("the event says %q", e.Message)
	}
	if b.tasks.Lookup("math::echo") != taken || b.tasks.Lookup("math::version") != nil {
		t.Error("the registry has changed")
	}
	b.check(b.tasks.Replace("main.go:1"))
	b.loads("math", Loaded)
	b.serves("math", 1)
	t.Cleanup(func() { b.check(b.tasks.Replace("main.go:1")) })
}

func TestTwoFilesForOneName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	second := "math" + nativeEnding
	b.put(second, fixture(t, 2, "ok"))
	e := b.await(EventLoadFailed, "math")
	if !strings.Contains(e.Message, math) || !strings.Contains(e.Message, second) {
		t.Errorf("the event says %q", e.Message)
	}
	b.serves("math", 1)
	plugins := b.Plugins()
	if len(plugins) != 2 || plugins[1].File != second || plugins[1].State != StateFailed || plugins[1].LastError != e.Message {
		t.Errorf("got %+v", plugins)
	}
	b.remove(math) // makes way for the other
	b.await(EventLoaded, "math")
	b.serves("math", 2)
	b.check(os.Rename(b.path(second), b.path(math))) // the same file under the other name
	b.await(EventLoaded, "math")
	b.serves("math", 2)
	b.expect("math", "loaded load_failed unloaded loaded unloaded loaded")
}
