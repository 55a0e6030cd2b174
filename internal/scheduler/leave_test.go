package scheduler_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestACallerWhoLeavesCancelsTheTask(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, f *fixture, r *scheduler.Request){
		"running":              func(*testing.T, *fixture, *scheduler.Request) {},
		"running with timeout": func(_ *testing.T, _ *fixture, r *scheduler.Request) { r.ExecutionTimeout = time.Hour },
		"waiting for a dependency": func(t *testing.T, f *fixture, r *scheduler.Request) {
			f.detach(t, request("dep", "sleep", "1m"))
			r.Deps = []string{"dep"}
		},
		"waiting for a slot": func(t *testing.T, f *fixture, _ *scheduler.Request) {
			f.detach(t, request("other", "sleep", "1m"))
			f.detach(t, request("another", "sleep", "1m"))
			synctest.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, scheduler.Config{MaxConcurrent: 2}, func(t *testing.T, f *fixture) {
				r := request("a", "sleep", "1h")
				prepare(t, f, &r)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				_, err := f.Submit(ctx, r)
				wantCode(t, err, task.DeadlineExceeded, "the caller's deadline is over")
				if waited := time.Since(begin); waited != time.Second {
					t.Errorf("answered after %v", waited)
				}
				f.wantUnknown(t, "a") // the id is free: the caller may simply retry
				elapse(time.Minute)
				receipt, err := f.Submit(t.Context(), request("a", "join", "again"))
				if err != nil {
					t.Fatal(err)
				}
				wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "again")
			})
		})
	}
}

func TestACallerWhoLeavesDoesNotCancelWhatOthersWaitFor(t *testing.T) {
	for name, other := range map[string]func(t *testing.T, f *fixture){
		"a second submission": func(t *testing.T, f *fixture) {
			if _, err := f.Submit(t.Context(), request("a", "sleep", "1m")); err != nil {
				t.Error(err)
			}
		},
		"a waiting poll": func(t *testing.T, f *fixture) {
			if _, known := f.wait(t, "a"); !known {
				t.Error("Wait: unknown")
			}
		},
		"a detached submission": func(t *testing.T, f *fixture) {
			if _, err := f.Submit(t.Context(), detached(request("a", "sleep", "1m"))); err != nil {
				t.Error(err)
			}
		},
		"a dependent": func(t *testing.T, f *fixture) {
			r := after(request("b", "join"), "a")
			r.DependencyTimeout = time.Hour
			f.detach(t, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
				ctx, cancel := context.WithCancel(t.Context())
				var callers sync.WaitGroup
				callers.Go(func() {
					_, err := f.Submit(ctx, request("a", "sleep", "1m"))
					if err == nil && name != "a second submission" {
						return // it went on, and this caller's goroutine ran it
					}
				})
				synctest.Wait()
				callers.Go(func() { other(t, f) })
				synctest.Wait()
				cancel()
				synctest.Wait()
				f.wantGet(t, "a", scheduler.Running, "")
				callers.Wait()
				elapse(time.Minute)
				f.wantGet(t, "a", scheduler.Succeeded, "slept")
				if n := f.ran("sleep"); n != 1 {
					t.Errorf("the task ran %d times", n)
				}
			})
		})
	}
}

func TestTheLastOfManyCallersCancels(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("dep", "sleep", "1m"))
		var callers sync.WaitGroup
		for i := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
			defer cancel()
			callers.Go(func() {
				_, err := f.Submit(ctx, after(request("a", "join"), "dep"))
				wantCode(t, err, task.DeadlineExceeded, "")
			})
		}
		elapse(2500 * time.Millisecond)
		f.wantGet(t, "a", scheduler.Pending, "")
		callers.Wait()
		f.wantUnknown(t, "a")
		f.cancel(t, "dep")
	})
}

func TestACallerWhoHasLeftAlreadyStartsNothing(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := f.Submit(ctx, request("a", "join"))
		wantCode(t, err, task.Cancelled, "the caller went away")
		if f.ran("join") != 0 {
			t.Error("the task ran")
		}
	})
}

func TestASyncFunctionThatItsCallerLeftKeepsItsResult(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := f.Submit(ctx, request("a", "spin", "2s")); err != nil {
			t.Fatal(err)
		}
		receipt, err := f.Submit(t.Context(), request("a", "spin", "2s")) // the retry
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "spun")
		if n := f.ran("spin"); n != 1 {
			t.Errorf("the task ran %d times", n)
		}
	})
}
