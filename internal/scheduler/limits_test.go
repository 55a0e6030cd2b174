package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func TestRunningTasksAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		config scheduler.Config
		method string
		want   int
	}{
		"all":             {scheduler.Config{MaxConcurrent: 4, MaxSync: 8}, "sleep", 4},
		"sync by all":     {scheduler.Config{MaxConcurrent: 4, MaxSync: 8}, "spin", 4},
		"sync":            {scheduler.Config{MaxSync: 3}, "spin", 3},
		"async unbounded": {scheduler.Config{MaxSync: 3}, "sleep", 20},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, test.config, func(t *testing.T, f *fixture) {
				var callers sync.WaitGroup
				for i := range 20 {
					r := request(fmt.Sprint(i), test.method, "1s")
					r.Detached = i%2 == 0
					callers.Go(func() {
						if _, err := f.Submit(t.Context(), r); err != nil {
							t.Error(err)
						}
					})
				}
				synctest.Wait()
				pending, running := f.Counts()
				if running != test.want || pending != 20-test.want {
					t.Errorf("%d run and %d wait; want %d to run", running, pending, test.want)
				}
				callers.Wait()
				elapse(time.Minute)
				if n := f.ran(test.method); n != 20 {
					t.Errorf("%d of 20 ran", n)
				}
			})
		})
	}
}

func TestAsyncTasksPassSyncOnesThatWaitForACore(t *testing.T) {
	bubble(t, scheduler.Config{MaxConcurrent: 10, MaxSync: 1}, func(t *testing.T, f *fixture) {
		f.detach(t, request("1", "spin", "1m"))
		f.detach(t, request("2", "spin", "1m"))
		begin := time.Now()
		if _, err := f.Submit(t.Context(), request("a", "sleep", "1s")); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begin); waited != time.Second {
			t.Errorf("the async task took %v", waited)
		}
		elapse(3 * time.Minute)
	})
}

func TestAMillionDetachedSubmissions(t *testing.T) {
	total := 1_000_000
	if testing.Short() {
		total = 100_000
	}
	const limit = 10_000
	f := newFixture(t, scheduler.Config{MaxPending: limit})
	before := runtime.NumGoroutine()
	var refused, most atomic.Int64
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range total / 8 {
				_, err := f.Submit(t.Context(), detached(request("", "join", "x")))
				var e *task.Error
				if errors.As(err, &e) && e.Code == task.ResourceExhausted {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
				pending, running := f.Counts()
				most.Store(max(most.Load(), int64(pending+running)))
			}
		})
	}
	callers.Wait()
	ctx, cancel := contextWithTimeout(t, time.Minute)
	defer cancel()
	if left, err := f.Drain(ctx); left != 0 || err != nil {
		t.Fatalf("Drain: %d left, %v", left, err)
	}
	if most.Load() > limit {
		t.Errorf("%d tasks at a time; the limit is %d", most.Load(), limit)
	}
	if ran := f.ran("join"); ran+int(refused.Load()) != total {
		t.Errorf("%d ran and %d were refused, of %d", ran, refused.Load(), total)
	}
	for runtime.NumGoroutine() > before+4 { // the last ones are returning
		runtime.Gosched()
	}
}

func TestWaitingTasksCostNoGoroutine(t *testing.T) {
	bubble(t, scheduler.Config{MaxConcurrent: 1, DependencyTimeout: time.Hour}, func(t *testing.T, f *fixture) {
		f.detach(t, request("first", "sleep", "1m"))
		synctest.Wait()
		before := runtime.NumGoroutine()
		for i := range 10_000 {
			r := request(fmt.Sprint(i), "join")
			if i%2 == 0 {
				r.Deps = []string{"first"}
			}
			f.detach(t, r)
		}
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n > 10 {
			t.Errorf("%d goroutines for 10,000 waiting tasks", n)
		}
		elapse(time.Hour)
		if n := f.ran("join"); n != 10_000 {
			t.Errorf("%d of 10,000 ran", n)
		}
	})
}

func TestDrainLetsTasksEnd(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "10s"))
		f.detach(t, after(request("b", "join", "x"), "a"))
		var drain sync.WaitGroup
		drain.Go(func() {
			begin := time.Now()
			if left, err := f.Drain(t.Context()); left != 0 || err != nil || time.Since(begin) != 10*time.Second {
				t.Errorf("Drain after %v: %d left, %v", time.Since(begin), left, err)
			}
		})
		synctest.Wait()
		_, err := f.Submit(t.Context(), request("c", "join"))
		wantCode(t, err, task.Unavailable, "draining")
		f.wantUnknown(t, "c")
		receipt, err := f.Submit(t.Context(), request("b", "join")) // known ids are answered
		if err != nil {
			t.Error(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "x")
		drain.Wait()
	})
}

func TestDrainCutsOffWhatDoesNotEnd(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "1h"))
		f.detach(t, after(request("b", "join"), "a"))
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		if left, err := f.Drain(ctx); left == 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain: %d left, %v", left, err)
		}
		f.wantGet(t, "a", scheduler.Failed, "UNAVAILABLE")
	})
}
