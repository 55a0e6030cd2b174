package scheduler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestWhatWaitsIsCountedByMethod(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		began := time.Now()
		f.detach(t, request("a", "sleep", "10s"))
		f.detach(t, after(request("b", "join"), "a"))
		elapse(time.Second)
		later := request("c", "join")
		later.StartAt = time.Now().Add(time.Hour)
		f.detach(t, later)
		retried := request("d", "fail", "no")
		retried.Retry = &scheduler.RetryPolicy{MaxAttempts: 2, InitialBackoff: time.Minute, MaxBackoff: time.Minute, Multiplier: 1, Codes: []task.Code{task.InvalidArgument}}
		f.detach(t, retried)
		synctest.Wait()

		got := make(map[string]scheduler.Queued)
		for _, q := range f.Queued() {
			got[q.Task.Name] = q
		}
		sleep, join, fail := got["sleep"], got["join"], got["fail"]
		if len(got) != 3 || sleep.Running != 1 || sleep.Pending != 0 || !sleep.Oldest.IsZero() {
			t.Errorf("what runs: %+v", sleep)
		}
		if join.Pending != 2 || join.Starts != 1 || join.Backoffs != 0 || !join.Oldest.Equal(began) {
			t.Errorf("what waits for another task, and for its time: %+v", join)
		}
		if fail.Pending != 1 || fail.Backoffs != 1 || fail.Starts != 0 {
			t.Errorf("what is tried again: %+v", fail)
		}
		f.Cancel(t.Context(), "a")
		f.Cancel(t.Context(), "c")
		f.Cancel(t.Context(), "d")
		synctest.Wait()
	})
}
