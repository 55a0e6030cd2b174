package scheduler_test

import (
	"context"
	"math"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestTimeoutsAreCutToTheMost(t *testing.T) {
	config := scheduler.Config{MaxDependencyTimeout: time.Minute, MaxExecutionTimeout: time.Hour, DependencyTimeout: 2 * time.Minute}
	bubble(t, config, func(t *testing.T, f *fixture) {
		for _, asked := range []time.Duration{0, 2 * time.Minute, math.MaxInt64} {
			begin := time.Now()
			r := after(request("a", "join"), "slow")
			if r.DependencyTimeout = asked; asked == 0 {
				f.detach(t, request("slow", "sleep", "1h"))
			}
			r.ID += asked.String()
			receipt, err := f.Submit(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			wantOutcome(t, receipt.Outcome, scheduler.Failed, "DEADLINE_EXCEEDED: the dependencies have not ended within 1m0s")
			if waited := time.Since(begin); waited != time.Minute {
				t.Errorf("waited %v", waited)
			}
		}
		begin := time.Now()
		r := request("b", "sleep", "240h")
		r.ExecutionTimeout = math.MaxInt64
		receipt, err := f.Submit(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, "DEADLINE_EXCEEDED: task sleep ran longer than its timeout of 1h0m0s")
		if ran := time.Since(begin); ran != time.Hour {
			t.Errorf("ran for %v", ran)
		}
	})
}

// A plugin's process is told the deadline as a number of nanoseconds.
func TestADeadlineIsInTheFuture(t *testing.T) {
	for _, most := range []time.Duration{0, math.MaxInt64} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, scheduler.Config{MaxExecutionTimeout: most})
			deadline := f.add(t, task.NewAsync, "deadline", func(ctx context.Context) (int64, error) {
				at, _ := ctx.Deadline()
				return at.UnixNano() - time.Now().UnixNano(), nil
			})
			r := request("a", deadline)
			r.ExecutionTimeout = math.MaxInt64
			receipt, err := f.Submit(t.Context(), r)
			if err != nil || receipt.Result == "" || receipt.Result[0] == '-' {
				t.Errorf("the deadline is in %q ns: %+v, %v", receipt.Result, receipt, err)
			}
			f.wantIdle(t)
		})
	}
}

// With one core that is kept busy, a timer is late: the function returns before
// it fires.
func TestTheTimeoutWins(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := newFixture(t, scheduler.Config{})
	const timeout = time.Millisecond
	var ran atomic.Int64
	busy := f.add(t, task.NewSync, "busy", func() string {
		begin := time.Now()
		for time.Since(begin) < 3*timeout { //nolint:revive // it keeps its core busy
		}
		ran.Add(1)
		return "done"
	})
	for range 20 {
		r := request("", busy)
		r.ExecutionTimeout = timeout
		receipt, err := f.Submit(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, "DEADLINE_EXCEEDED")
	}
	if left, err := f.Drain(t.Context()); left != 0 || err != nil || ran.Load() != 20 {
		t.Errorf("Drain: %d left, %v; %d ran", left, err, ran.Load())
	}
}
