package scheduler_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

func TestCancel(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, f *fixture){
		"running":           func(t *testing.T, f *fixture) { f.detach(t, request("a", "sleep", "1h")) },
		"running, deaf":     func(t *testing.T, f *fixture) { f.detach(t, request("a", "stubborn", "1m")) },
		"running on a core": func(t *testing.T, f *fixture) { f.detach(t, request("a", "spin", "1m")) },
		"waiting for a dependency": func(t *testing.T, f *fixture) {
			f.detach(t, request("dep", "sleep", "1m"))
			f.detach(t, after(request("a", "join"), "dep"))
		},
		"waiting for a slot": func(t *testing.T, f *fixture) {
			f.detach(t, request("1", "sleep", "1m"))
			f.detach(t, request("2", "sleep", "1m"))
			f.detach(t, request("a", "join"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, scheduler.Config{MaxConcurrent: 2}, func(t *testing.T, f *fixture) {
				prepare(t, f)
				synctest.Wait()
				if c := f.cancel(t, "a"); c != (scheduler.Cancellation{State: scheduler.Cancelled, Done: true, Known: true}) {
					t.Errorf("Cancel: %+v", c)
				}
				f.wantGet(t, "a", scheduler.Cancelled, "CANCELLED: the task was cancelled")
				if c := f.cancel(t, "a"); c != (scheduler.Cancellation{State: scheduler.Cancelled, Known: true}) {
					t.Errorf("Cancel again: %+v", c)
				}
				elapse(2 * time.Minute)
				f.wantGet(t, "a", scheduler.Cancelled, "CANCELLED")
				if f.ran("join") != 0 {
					t.Error("a cancelled task ran")
				}
			})
		})
	}
}

func TestCancelOfTheEndedAndTheUnknown(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "join", "x"))
		synctest.Wait()
		if c := f.cancel(t, "a"); c != (scheduler.Cancellation{State: scheduler.Succeeded, Known: true}) {
			t.Errorf("ended: %+v", c)
		}
		if c := f.cancel(t, "ghost"); c != (scheduler.Cancellation{}) {
			t.Errorf("unknown: %+v", c)
		}
	})
}

func TestOneOfManyCancelsDoesIt(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "1h"))
		var did atomic.Int32
		var callers sync.WaitGroup
		for range 32 {
			callers.Go(func() {
				if f.cancel(t, "a").Done {
					did.Add(1)
				}
			})
		}
		callers.Wait()
		if did.Load() != 1 {
			t.Errorf("%d calls cancelled the task", did.Load())
		}
	})
}

func TestCancelAnswersTheBlockedCaller(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		var callers sync.WaitGroup
		callers.Go(func() {
			receipt, err := f.Submit(t.Context(), request("a", "sleep", "1h"))
			if err != nil {
				t.Error(err)
			}
			wantOutcome(t, receipt.Outcome, scheduler.Cancelled, "CANCELLED")
		})
		synctest.Wait()
		begin := time.Now()
		f.cancel(t, "a")
		callers.Wait()
		if time.Since(begin) != 0 {
			t.Error("the caller had to wait")
		}
	})
}

func TestExecutionTimeoutBoundsTheRunAlone(t *testing.T) {
	for _, method := range []string{"sleep", "stubborn", "spin"} {
		t.Run(method, func(t *testing.T) {
			bubble(t, scheduler.Config{MaxConcurrent: 1}, func(t *testing.T, f *fixture) {
				f.detach(t, request("before", "sleep", "10s")) // waiting for its slot doesn't count
				synctest.Wait()
				begin := time.Now()
				r := request("a", method, "1m")
				r.ExecutionTimeout = 2 * time.Second
				receipt, err := f.Submit(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				wantOutcome(t, receipt.Outcome, scheduler.Failed, "DEADLINE_EXCEEDED: task "+method+" ran longer than its timeout of 2s")
				if waited := time.Since(begin); waited != 12*time.Second {
					t.Errorf("answered after %v", waited)
				}
				elapse(2 * time.Minute)
				f.wantGet(t, "a", scheduler.Failed, "DEADLINE_EXCEEDED")
			})
		})
	}
}

func TestWaitAnswersAsItIsWhenTimeIsOver(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "10s"))
		synctest.Wait()
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		begin := time.Now()
		o, known, err := f.Wait(ctx, "a")
		if err != nil || !known || o.State != scheduler.Running || time.Since(begin) != time.Second {
			t.Errorf("after %v: %v, %t", time.Since(begin), o.State, known)
		}
		o, _ = f.wait(t, "a")
		wantOutcome(t, o, scheduler.Succeeded, "slept")
		if _, known := f.wait(t, "ghost"); known {
			t.Error("an unknown id is known")
		}
	})
}
