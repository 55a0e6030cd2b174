package scheduler_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// However many wait for a task that fails, they don't all bear down upon a slow
// store at once.
func TestDependentsFailAFewAtATime(t *testing.T) {
	const dependents, slow = 1000, time.Second
	var storing, most atomic.Int64
	shelf := newShelf(func(call, id string) error {
		if call != "Create" || id == "root" || id == "gate" {
			return nil
		}
		if now := storing.Add(1); now > most.Load() {
			most.Store(now)
		}
		elapse(slow)
		storing.Add(-1)
		return nil
	})
	bubble(t, scheduler.Config{Store: shelf, DependencyTimeout: time.Hour}, func(t *testing.T, f *fixture) {
		f.detach(t, request("gate", "sleep", "1m"))
		f.detach(t, after(request("root", "fail"), "gate")) // it is given a result, and fails
		for i := range dependents {
			f.detach(t, after(request(fmt.Sprint(i), "join", "x"), "root"))
		}
		for i := range dependents {
			if o, ok := f.wait(t, fmt.Sprint(i)); !ok || o.State != scheduler.Failed {
				t.Fatalf("dependent %d: %+v", i, o)
			}
		}
		if n := most.Load(); n > 64 || n < 2 {
			t.Errorf("%d dependents are stored at a time", n)
		}
	})
}

// However many end at once that nobody waits for, they don't all bear down upon a
// slow store, and who does wait is not behind them.
func TestWhoWaitsIsNotStoredBehindThoseWhoDoNot(t *testing.T) {
	const others, slow = 3000, time.Second
	var storing, most atomic.Int64
	shelf := newShelf(func(call, id string) error {
		if call != "Create" || id == "mine" {
			return nil
		}
		if now := storing.Add(1); now > most.Load() {
			most.Store(now)
		}
		elapse(slow)
		storing.Add(-1)
		return nil
	})
	bubble(t, scheduler.Config{Store: shelf}, func(t *testing.T, f *fixture) {
		due := time.Now().Add(time.Minute)
		for i := range others {
			r := request(fmt.Sprint(i), "join")
			r.StartAt = due
			f.detach(t, r)
		}
		elapse(time.Minute + slow/2)
		if receipt, err := f.Submit(t.Context(), request("mine", "join")); err != nil || time.Since(due) >= slow {
			t.Errorf("%+v, %v after %s", receipt, err, time.Since(due))
		}
		for i := range others {
			if o, ok := f.wait(t, fmt.Sprint(i)); !ok || o.State != scheduler.Succeeded {
				t.Fatalf("task %d: %+v", i, o)
			}
		}
		if n := most.Load(); n > 512 || n < 2 {
			t.Errorf("%d tasks are stored at a time", n)
		}
	})
}
