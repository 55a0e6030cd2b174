package scheduler_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a scheduler with a few tasks:
//
//	join        sync, its arguments joined by ","
//	fail        sync, INVALID_ARGUMENT with its first argument as the message
//	panic       sync, panics
//	goexit      sync, ends its goroutine
//	spin        sync, sleeps for the duration that its argument names
//	sleep       async, the same, heeding its context; answers "slept"
//	stubborn    async, the same, not heeding its context
type fixture struct {
	*scheduler.Scheduler

	tasks *task.Registry
	mu    sync.Mutex
	runs  map[string]int // by task name
}

func newFixture(t testing.TB, config scheduler.Config) *fixture {
	t.Helper()
	f := &fixture{runs: map[string]int{}}
	cache, err := memory.New(memory.Config{TTL: time.Hour, Capacity: 1 << 20, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	f.tasks = f.registry(t)
	config.Tasks = f.tasks
	if config.Store == nil {
		config.Store = cache
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	f.Scheduler = scheduler.New(config)
	return f
}

func (f *fixture) registry(t testing.TB) *task.Registry {
	t.Helper()
	sleep := func(ctx context.Context, d string) (string, error) {
		f.count("sleep")
		duration, err := time.ParseDuration(d)
		if err != nil {
			return "", err
		}
		select {
		case <-time.After(duration):
			return "slept", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	registry := &task.Registry{}
	for _, made := range []func() (*task.Task, error){
		func() (*task.Task, error) {
			return task.NewSync(func(words ...string) string { f.count("join"); return strings.Join(words, ",") }, task.Name("join"))
		},
		func() (*task.Task, error) {
			return task.NewSync(func(message string) error {
				f.count("fail")
				return task.Errorf(task.InvalidArgument, "%s", message)
			}, task.Name("fail"))
		},
		func() (*task.Task, error) {
			return task.NewSync(func() { panic("the secret of the stack") }, task.Name("panic"))
		},
		func() (*task.Task, error) {
			return task.NewSync(func(d string) string {
				f.count("spin")
				duration, _ := time.ParseDuration(d)
				elapse(duration)
				return "spun"
			}, task.Name("spin"))
		},
		func() (*task.Task, error) { return task.NewSync(runtime.Goexit, task.Name("goexit")) },
		func() (*task.Task, error) { return task.NewAsync(sleep, task.Name("sleep")) },
		func() (*task.Task, error) {
			return task.NewAsync(func(_ context.Context, d string) (string, error) {
				return sleep(context.Background(), d)
			}, task.Name("stubborn"))
		},
	} {
		made, err := made()
		if err != nil {
			t.Fatal(err)
		}
		if err := registry.Add(made); err != nil {
			t.Fatal(err)
		}
	}
	return registry
}

// add registers one more task and returns its name.
func (f *fixture) add(
	t testing.TB, kind func(fn any, options ...task.Option) (*task.Task, error), name string, fn any,
) string {
	t.Helper()
	made, err := kind(fn, task.Name(name))
	if err == nil {
		err = f.tasks.Add(made)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func (f *fixture) count(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs[name]++
}

func (f *fixture) ran(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.runs[name]
}

// strs are arguments, and how many bytes they claim to hold.
type strs struct {
	list []string
	size int
}

func (s strs) Drop() {}

func (s strs) Decode(int) (args []task.Value, size int, err error) {
	for _, arg := range s.list {
		args = append(args, task.String(arg))
	}
	return args, s.size, nil
}

// request builds a blocking submission with string arguments.
func request(id, method string, args ...string) scheduler.Request {
	return scheduler.Request{ID: id, Method: method, Args: strs{list: args}, Brief: true}
}

// sized is r with arguments that claim to hold so many bytes.
func sized(r scheduler.Request, size int) scheduler.Request {
	r.Args = strs{r.Args.(strs).list, size}
	return r
}

func after(r scheduler.Request, deps ...string) scheduler.Request {
	r.Deps = deps
	return r
}

func detached(r scheduler.Request) scheduler.Request {
	r.Detached = true
	return r
}

// detach submits r detached and fails the test if that is refused.
func (f *fixture) detach(t testing.TB, r scheduler.Request) string {
	t.Helper()
	receipt, err := f.Submit(t.Context(), detached(r))
	if err != nil {
		t.Fatalf("Submit(%s): %v", r.ID, err)
	}
	if receipt.State != scheduler.Pending {
		t.Fatalf("detached Submit(%s) is in state %v", r.ID, receipt.State)
	}
	return receipt.ID
}

func wantOutcome(t testing.TB, o scheduler.Outcome, state scheduler.State, text string) {
	t.Helper()
	got := o.Result
	if o.Err != nil {
		got = o.Err.Code.String() + ": " + o.Err.Message
	}
	if o.State != state || !strings.Contains(got, text) || (text == "") != (got == "") {
		t.Errorf("got state %v, %q; want state %v, %q", o.State, got, state, text)
	}
}

func wantCode(t testing.TB, err error, code task.Code, text string) {
	t.Helper()
	var e *task.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, text) {
		t.Errorf("got error %v; want %v: …%s…", err, code, text)
	}
}

// get, wait and cancel are for stores that don't fail.
func (f *fixture) get(t testing.TB, id string) (scheduler.Outcome, bool) {
	t.Helper()
	o, ok, err := f.Get(t.Context(), id)
	if err != nil {
		t.Errorf("Get(%s): %v", id, err)
	}
	return o, ok
}

func (f *fixture) wait(t testing.TB, id string) (scheduler.Outcome, bool) {
	t.Helper()
	o, ok, err := f.Wait(t.Context(), id)
	if err != nil {
		t.Errorf("Wait(%s): %v", id, err)
	}
	return o, ok
}

func (f *fixture) cancel(t testing.TB, id string) scheduler.Cancellation {
	t.Helper()
	c, err := f.Cancel(t.Context(), id)
	if err != nil {
		t.Errorf("Cancel(%s): %v", id, err)
	}
	return c
}

func (f *fixture) wantGet(t testing.TB, id string, state scheduler.State, text string) {
	t.Helper()
	o, ok := f.get(t, id)
	if !ok {
		t.Errorf("Get(%s): not known; want state %v", id, state)
		return
	}
	wantOutcome(t, o, state, text)
}

func (f *fixture) wantUnknown(t testing.TB, id string) {
	t.Helper()
	if o, ok := f.get(t, id); ok {
		t.Errorf("Get(%s) = %+v; want it unknown", id, o)
	}
}

// idle checks that nothing is left behind.
func (f *fixture) wantIdle(t testing.TB) {
	t.Helper()
	if pending, running := f.Counts(); pending != 0 || running != 0 {
		t.Errorf("%d tasks pending, %d running; want none", pending, running)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if left, err := f.Drain(ctx); left != 0 || err != nil {
		t.Errorf("Drain: %d left, %v", left, err)
	}
	synctest.Wait() // the last goroutines free their slots
	if left := f.Leftovers(); left != "" {
		t.Errorf("in the end: %s", left)
	}
}

// bubble runs test with a fixture in a bubble of its own, where time passes
// as soon as everyone waits.
func bubble(t *testing.T, config scheduler.Config, test func(t *testing.T, f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, config)
		test(t, f)
		f.wantIdle(t)
	})
}

// elapse lets the bubble's time pass.
func elapse(d time.Duration) { <-time.After(d) }
