package scheduler_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestPoliciesThatAreRefused(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		nan := 0.0
		nan /= nan
		for want, policy := range map[string]scheduler.RetryPolicy{
			"retry.max_attempts: say how often":                               {},
			"retry.max_attempts 1001: at most 1000":                           {MaxAttempts: 1001},
			"retry.initial_backoff -1s: from 1ms to 24h0m0s":                  {MaxAttempts: 2, InitialBackoff: -time.Second},
			"retry.initial_backoff 1µs: from 1ms to 24h0m0s":                  {MaxAttempts: 2, InitialBackoff: time.Microsecond},
			"retry.initial_backoff 25h0m0s: from 1ms to 24h0m0s":              {MaxAttempts: 2, InitialBackoff: 25 * time.Hour},
			"retry.max_backoff 1s: from initial_backoff (1m0s)":               {MaxAttempts: 2, InitialBackoff: time.Minute, MaxBackoff: time.Second},
			"retry.max_backoff 25h0m0s: from initial_backoff (1s) to 24h0m0s": {MaxAttempts: 2, MaxBackoff: 25 * time.Hour},
			"retry.multiplier 0.5: from 1 to 1000":                            {MaxAttempts: 2, Multiplier: 0.5},
			"retry.multiplier NaN: from 1 to 1000":                            {MaxAttempts: 2, Multiplier: nan},
			"retry.codes: 99 is not one":                                      {MaxAttempts: 2, Codes: []task.Code{task.Internal, 99}},
			"retry.codes: 0 is not one":                                       {MaxAttempts: 2, Codes: []task.Code{task.OK}},
		} {
			r := request("a", "join")
			r.Retry = &policy
			_, err := f.Submit(t.Context(), r)
			wantCode(t, err, task.InvalidArgument, want)
		}
		for _, policy := range []scheduler.RetryPolicy{
			{MaxAttempts: 1000, InitialBackoff: time.Hour}, // longer than the longest by default
			{MaxAttempts: 2, MaxBackoff: time.Millisecond}, // shorter than the first by default
			{MaxAttempts: 2, InitialBackoff: 24 * time.Hour, MaxBackoff: 24 * time.Hour, Multiplier: 1000},
		} {
			r := request("", "join")
			r.Retry = &policy
			if _, err := f.Submit(t.Context(), r); err != nil {
				t.Errorf("%+v: %v", policy, err)
			}
		}
		f.wantUnknown(t, "a")
	})
}

// TestTheEndOfAPauseRaces with a cancel at the very same moment, and with a
// drain: whichever wins, the task ends once and nothing is left.
func TestTheEndOfAPauseRaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlaky(t, scheduler.Config{MaxSync: 2}, fails(task.Unavailable))
		retry := &scheduler.RetryPolicy{MaxAttempts: 3, InitialBackoff: time.Millisecond, MaxBackoff: time.Millisecond}
		const tasks = 300
		due := time.Now().Add(10 * time.Millisecond)
		var ended sync.WaitGroup
		for i := range tasks {
			id := fmt.Sprint(i)
			f.detach(t, scheduler.Request{ID: id, Method: "flaky", Retry: retry, StartAt: due})
			ended.Go(func() {
				<-time.After(time.Until(due) + time.Duration(i%5)*500*time.Microsecond) // the start, the pause, or between
				f.cancel(t, id)
				if o, known := f.wait(t, id); !known || !o.State.Ended() {
					t.Errorf("%s: %+v", id, o)
				}
			})
		}
		ended.Wait()
		f.wantIdle(t)
	})
}

// TestDrainRacesRetries: what fails while the server drains is told to go
// elsewhere, if its next attempt came too late.
func TestDrainRacesRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func() (string, error) {
			elapse(10 * time.Millisecond)
			return "", task.Errorf(task.Unavailable, "not yet")
		}
		f := newFixture(t, scheduler.Config{})
		f.add(t, task.NewSync, "slow", slow)
		for i := range 50 {
			r := request(fmt.Sprint(i), "slow")
			r.Retry = policy(5)
			f.detach(t, r)
		}
		ctx, cancel := contextWithTimeout(t, 100*time.Millisecond)
		defer cancel()
		elapse(15 * time.Millisecond) // some run, some wait for a slot, and some in a pause
		if _, err := f.Drain(ctx); err != nil {
			t.Log(err) // some could not even begin
		}
		synctest.Wait()
		for i := range 50 {
			f.wantGet(t, fmt.Sprint(i), scheduler.Failed, "UNAVAILABLE: the server stopped")
		}
		elapse(time.Second)
		if left := f.Leftovers(); left != "" {
			t.Error(left)
		}
	})
}

// TestAttemptsDoNotOverlap, however long a function goes on after it is out of
// time; and all end.
func TestAttemptsDoNotOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, scheduler.Config{})
		var mu sync.Mutex
		active := map[string]int{}
		f.add(t, task.NewAsync, "deaf", func(ctx context.Context) error {
			id := task.CallOf(ctx).ID
			mu.Lock()
			if active[id]++; active[id] > 1 {
				t.Errorf("%s runs twice at a time", id)
			}
			mu.Unlock()
			elapse(rand.N(15 * time.Millisecond))
			mu.Lock()
			defer mu.Unlock()
			active[id]--
			return task.Errorf(task.Internal, "as always")
		})
		const tasks = 300
		for i := range tasks {
			r := request(fmt.Sprint(i), "deaf")
			r.ExecutionTimeout = 5 * time.Millisecond
			r.Retry = &scheduler.RetryPolicy{MaxAttempts: 4, InitialBackoff: time.Millisecond, MaxBackoff: 4 * time.Millisecond}
			f.detach(t, r)
		}
		for i := range tasks {
			if o, _ := f.wait(t, fmt.Sprint(i)); o.Attempt != 4 || o.State != scheduler.Failed {
				t.Errorf("%d: %+v", i, o)
			}
		}
		elapse(time.Second)
		f.wantIdle(t)
	})
}
