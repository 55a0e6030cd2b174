package scheduler_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestSeveralMayDrain(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "10s"))
		var drains sync.WaitGroup
		for range 3 {
			drains.Go(func() {
				begin := time.Now()
				ctx, cancel := contextWithTimeout(t, time.Hour)
				defer cancel()
				if left, err := f.Drain(ctx); left != 0 || err != nil || time.Since(begin) != 10*time.Second {
					t.Errorf("Drain after %v: %d left, %v", time.Since(begin), left, err)
				}
			})
		}
		drains.Wait()
	})
}

func TestADrainIsForGood(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "10s"))
		var drain sync.WaitGroup
		drain.Go(func() {
			if left, err := f.Drain(t.Context()); left != 0 || err != nil {
				t.Errorf("Drain: %d left, %v", left, err)
			}
		})
		synctest.Wait()
		f.Pause(false)
		_, err := f.Submit(t.Context(), request("b", "join"))
		wantCode(t, err, task.Unavailable, "draining")
		drain.Wait()
	})
}

func TestAllThatIsCutOffIsUnavailable(t *testing.T) {
	bubble(t, scheduler.Config{MaxSync: 1}, func(t *testing.T, f *fixture) {
		ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		f.detach(t, request(ids[0], "sleep", "1h"))
		for i, id := range ids[1:] {
			f.detach(t, after(request(id, "join"), ids[i]))
		}
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		if left, err := f.Drain(ctx); left != len(ids) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain: %d left, %v; want all %d", left, err, len(ids))
		}
		for _, id := range ids {
			f.wantGet(t, id, scheduler.Failed, "UNAVAILABLE: the server stopped")
		}
	})
}

func TestDrainWaitsForTheWatchers(t *testing.T) {
	const slow = 5 * time.Second
	seen := 0
	config := scheduler.Config{Ended: func(scheduler.Execution) { elapse(slow); seen++ }}
	bubble(t, config, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "join"))
		if left, err := f.Drain(t.Context()); left != 0 || err != nil || seen != 1 {
			t.Errorf("Drain: %d left, %v, %d seen", left, err, seen)
		}
	})
}
