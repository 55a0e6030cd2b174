package loader

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/task"
)

var other = "libother" + nativeEnding

// deadly are the tasks that end their process, with what their callers are told.
var deadly = []struct{ task, cause string }{
	{"segv", "SIGSEGV"},
	{"abort", "SIGABRT"},
	{"exit", "exited with code 7"},
	{"hog", "memory limit"},
}

func TestACallThatKillsItsProcess(t *testing.T) {
	t.Parallel()
	for _, fault := range deadly {
		t.Run(fault.task, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *Config) {
				c.PluginLimits = map[string]Limits{"math": {MemoryBytes: 128 << 20}}
			})
			b.put(math, fixture(t, 1, "ok"))
			b.put(other, fixture(t, 2, "ok"))
			b.run()
			stop := b.keepCalling("other::version")
			neighbour := b.start("math::nap", task.Int64(60_000))
			b.isRunning("math::nap")

			_, err := b.call(t.Context(), "math::"+fault.task)
			b.fails(err, task.Internal, "plugin math", fault.cause)
			b.fails(<-neighbour, task.Internal, "plugin math", fault.cause)
			b.serves("math", 1) // waits for the process to come back
			crash := b.await(EventCrashed, "math")
			if !strings.Contains(crash.Message, fault.cause) {
				t.Errorf("the event says %q", crash.Message)
			}
			b.await(EventRestarted, "math")
			b.serves("math", 1)
			if p := b.plugin("math"); p.State != StateServing || p.Restarts != 1 || !strings.Contains(p.LastError, fault.cause) {
				t.Errorf("got %+v", p)
			}
			if err := stop(); err != nil {
				t.Errorf("another plugin's call failed: %v", err)
			}
			b.expect("other", "loaded")
		})
	}
}

func TestExceptionsAndPanicsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	for source, words := range map[string]string{"throws.cpp": "the fixture throws", "panics.rs": "index out of bounds"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(plugintest.Compile(t, filepath.Join("testdata", source)))
			if err != nil {
				t.Fatal(err)
			}
			b := newBench(t)
			b.put(math, content)
			b.run()
			p := b.plugin("math")
			if p.State != StateServing {
				t.Fatalf("it is not loaded: %+v", p)
			}
			_, err = b.call(t.Context(), p.Tasks[0])
			b.fails(err, task.Internal, "plugin math", "SIGABRT")
			if e := b.await(EventCrashed, "math"); !strings.Contains(e.Message, words) {
				t.Errorf("the event says %q, want its last words to contain %q", e.Message, words)
			}
			b.serves("math", 1)
		})
	}
}

func TestACallThatLies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	for _, fault := range []struct {
		task string
		code task.Code
	}{
		{"bad_utf8", task.Internal},
		{"bad_kind", task.Internal},
		{"huge", task.ResourceExhausted},
		{"fail", task.Internal},
		{"retry", task.Unavailable},
		{"echo", task.InvalidArgument}, // without an argument
	} {
		_, err := b.call(t.Context(), "math::"+fault.task)
		if err == nil || task.ErrorOf(err).Code != fault.code && task.ErrorOf(err).Code != task.Internal {
			t.Errorf("%s: got the error %v, want one with code %s", fault.task, err, fault.code)
		}
		b.serves("math", 1)
	}
	for range 3 { // prints, and finishes over and over
		for _, name := range []string{"math::print", "math::finish", "math::later"} {
			if got, err := b.call(t.Context(), name); got != "00000001" || err != nil {
				t.Errorf("%s: got %q and %v", name, got, err)
			}
		}
	}
	b.expect("math", "loaded")
}

func TestAFileThatDoesNotLoad(t *testing.T) {
	t.Parallel()
	for mode, reason := range map[string]string{
		"segv":  "SIGSEGV",
		"exit":  "exited with code 3",
		"null":  "",
		"abi":   "2",
		"twice": "version",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.put(math, fixture(t, 1, "ok"))
			b.put(other, fixture(t, 2, mode))
			b.run() // other is new, and bad
			b.awaitAny(EventLoadFailed, "other")
			p := b.plugin("other")
			if p.State != StateFailed || !strings.Contains(p.LastError, "plugin other") || !strings.Contains(p.LastError, reason) {
				t.Errorf("got %+v", p)
			}
			stop := b.keepCalling("math::version")
			b.put(math, fixture(t, 2, mode)) // math is good, and gets bad
			e := b.await(EventLoadFailed, "math")
			if !strings.Contains(e.Message, reason) {
				t.Errorf("the event says %q, want it to contain %q", e.Message, reason)
			}
			b.serves("math", 1)
			if p := b.plugin("math"); p.State != StateServing || !strings.Contains(p.LastError, reason) {
				t.Errorf("got %+v", p)
			}
			b.put(math, fixture(t, 1, "ok")) // what is loaded already
			b.put(other, fixture(t, 3, "ok"))
			b.await(EventLoaded, "other")
			b.serves("other", 3)
			if err := stop(); err != nil {
				t.Errorf("a call failed: %v", err)
			}
			b.expect("math", "loaded load_failed")
			b.expect("other", "load_failed loaded")
		})
	}
}

func TestAFileThatHangsWhileItLoads(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.LoadTimeout = 300 * time.Millisecond })
	b.put(math, fixture(t, 1, "hang"))
	b.run()
	if e := b.await(EventLoadFailed, "math"); !strings.Contains(e.Message, "did not load within") {
		t.Errorf("the event says %q", e.Message)
	}
}

func TestALibraryThatPrints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "loud"))
	b.run()
	b.serves("math", 1)
	for deadline := time.After(testPatience); !strings.Contains(b.log.String(), "the fixture prints while it loads"); {
		select {
		case <-deadline:
			t.Fatalf("what it printed is not in the log:\n%s", b.log)
		default:
			runtime.Gosched()
		}
	}
}

func TestACrashLoopEndsInQuarantine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(other, fixture(t, 2, "ok"))
	b.run()
	stop := b.keepCalling("other::version")
	b.put(math, fixture(t, 1, "ok"))
	b.await(EventLoaded, "math")
	b.crashIntoQuarantine()
	b.expect("math", "loaded"+strings.Repeat(" crashed restarted", maxCrashes)+" crashed quarantined")
	p := b.plugin("math")
	if p.State != StateQuarantined || p.Restarts != maxCrashes || !strings.Contains(p.LastError, "SIGABRT") {
		t.Errorf("got %+v", p)
	}
	_, err := b.call(t.Context(), "math::version")
	b.fails(err, task.Unavailable, "plugin math", "quarantine")

	b.put(math, fixture(t, 1, "ok")) // the same
	b.stall()
	if p := b.plugin("math"); p.State != StateQuarantined {
		t.Errorf("the same contents brought it back: %+v", p)
	}
	b.put(math, fixture(t, 2, "ok"))
	b.await(EventReloaded, "math")
	b.serves("math", 2)
	if err := stop(); err != nil {
		t.Errorf("another plugin's call failed: %v", err)
	}
}

// crashIntoQuarantine makes calls that end the process, each with other arguments.
func (b *bench) crashIntoQuarantine() {
	b.t.Helper()
	for i := range maxCrashes + 1 {
		_, err := b.call(b.t.Context(), "math::abort", task.Int64(int64(i)))
		b.fails(err, task.Internal, "plugin math", "SIGABRT")
	}
	b.await(EventQuarantined, "math")
}

func TestAnOperatorEndsQuarantine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	b.crashIntoQuarantine()
	for _, again := range []func(context.Context, string) (LoadResult, error){b.Load, b.Reload} {
		_, err := again(t.Context(), "math")
		b.check(err)
		b.serves("math", 1)
	}
	b.expect("math", "loaded"+strings.Repeat(" crashed restarted", maxCrashes)+" crashed quarantined"+strings.Repeat(" reloaded", 2))
}

func TestACallThatIgnoresItsCancelIsKilledAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.CancelGrace = 100 * time.Millisecond })
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	process := b.plugin("math").PID
	neighbour := b.start("math::nap", task.Int64(1500))
	b.isRunning("math::nap")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	spin := make(chan error, 1)
	go func() {
		_, err := b.call(ctx, "math::spin")
		spin <- err
	}()
	b.isRunning("math::spin")
	cancel()
	if err := <-spin; !errors.Is(err, context.Canceled) {
		t.Errorf("got the error %v, want the caller's", err)
	}
	b.await(EventRestarted, "math")
	b.serves("math", 1)
	p := b.plugin("math")
	if p.PID == process || p.State != StateServing || p.Restarts != 1 {
		t.Errorf("got %+v, and the process before was %d", p, process)
	}
	if err := <-neighbour; err != nil {
		t.Errorf("the neighbour failed: %v", err)
	}
	b.gone(process)
	b.expect("math", "loaded restarted")
}

// TestAnInputThatCrashesItsProcessIsRefused does not need a quarantine for all.
func TestAnInputThatCrashesItsProcessIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	for range 3 {
		_, err := b.call(t.Context(), "math::segv", task.String("poison"))
		b.fails(err, task.Internal, "SIGSEGV")
		b.await(EventRestarted, "math")
		b.serves("math", 1)
	}
	_, err := b.call(t.Context(), "math::segv", task.String("poison"))
	b.fails(err, task.FailedPrecondition, "math::segv", "refused until")
	_, err = b.call(t.Context(), "math::segv", task.String("something else"))
	b.fails(err, task.Internal, "SIGSEGV")
	b.await(EventRestarted, "math")
	b.expect("math", "loaded"+strings.Repeat(" crashed restarted", 4))
}

// TestCallsWaitForARestart: most of these calls come when there is no process.
func TestCallsWaitForARestart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	for range 3 {
		_, err := b.call(t.Context(), "math::abort")
		b.fails(err, task.Internal, "plugin math", "SIGABRT")
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() { b.serves("math", 1) })
		}
		calls.Wait()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = b.call(t.Context(), "math::abort")
	if _, err := b.call(ctx, "math::version"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: got the error %v", err)
	}
}

// keepCalling calls a task all the time until stop is called, which returns the first error.
func (b *bench) keepCalling(name string) (stop func() error) {
	done := make(chan struct{})
	result := make(chan error, 1)
	go func() {
		for {
			if _, err := b.call(context.Background(), name); err != nil {
				result <- fmt.Errorf("%s: %w", name, err)
				return
			}
			select {
			case <-done:
				result <- nil
				return
			default:
			}
		}
	}()
	var once sync.Once
	end := func() (err error) {
		once.Do(func() {
			close(done)
			err = <-result
		})
		return err
	}
	b.t.Cleanup(func() { _ = end() })
	return end
}

// start calls a task and returns where its error will be.
func (b *bench) start(name string, args ...task.Value) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := b.call(context.Background(), name, args...)
		done <- err
	}()
	return done
}

// isRunning waits until a call of that task tells that it runs.
func (b *bench) isRunning(name string) {
	b.t.Helper()
	select {
	case id := <-b.notes:
		if id != "call of "+name {
			b.t.Fatalf("%s runs, not %s", id, name)
		}
	case <-time.After(testPatience):
		b.t.Fatalf("%s does not run", name)
	}
}

func TestConfinementCanBeRequired(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "libmath"+nativeEnding)
	write(t, file, fixture(t, 1, "confined"))
	config := Config{TempDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler), RequireConfinement: true}
	config.Limits.Unconfined = true
	if _, err := Check(t.Context(), file, config); err == nil || !strings.Contains(err.Error(), "Config.RequireConfinement") {
		t.Errorf("got %v", err)
	}
}
