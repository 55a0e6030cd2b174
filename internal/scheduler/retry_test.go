package scheduler_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/task"
)

// flaky is a scheduler whose task "flaky" does at each attempt what the next
// step says, and the last one at those that come after. It knows when each
// attempt began and which the context says it is.
type flaky struct {
	*fixture

	steps    []func(context.Context) (string, error)
	began    []time.Duration
	attempts []int
}

// newFlaky makes it inside a bubble.
func newFlaky(t *testing.T, config scheduler.Config, steps ...func(context.Context) (string, error)) *flaky {
	t.Helper()
	f := &flaky{fixture: newFixture(t, config), steps: steps}
	start := time.Now()
	made, err := task.NewAsync(func(ctx context.Context, _ ...string) (string, error) {
		f.mu.Lock()
		at := min(len(f.began), len(f.steps)-1)
		f.began = append(f.began, time.Since(start))
		f.attempts = append(f.attempts, task.CallOf(ctx).Attempt)
		f.mu.Unlock()
		return f.steps[at](ctx)
	}, task.Name("flaky"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.tasks.Add(made); err != nil {
		t.Fatal(err)
	}
	return f
}

// starts is when the attempts began.
func (f *flaky) starts() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.began)
}

func fails(code task.Code) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return "", task.Errorf(code, "not yet") }
}

func succeeds(context.Context) (string, error) { return "done", nil }

func panics(context.Context) (string, error) { panic("flaky") }

// hangs heeds its context.
func hangs(ctx context.Context) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

// ignores goes on for so long, whatever its context says.
func ignores(d time.Duration) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		<-time.After(d)
		return "", errors.New("late")
	}
}

func policy(attempts uint32) *scheduler.RetryPolicy {
	return &scheduler.RetryPolicy{MaxAttempts: attempts}
}

// within wants a pause from half of the backoff to all of it.
func within(t *testing.T, what string, pause, backoff time.Duration) {
	t.Helper()
	if pause < backoff/2 || pause > backoff {
		t.Errorf("%s: %v, want %v to %v", what, pause, backoff/2, backoff)
	}
}

func TestRetryUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlaky(t, scheduler.Config{}, fails(task.Unavailable), panics, fails(task.Internal), succeeds)
		receipt, err := f.Submit(t.Context(), scheduler.Request{ID: "a", Method: "flaky", Retry: policy(5)})
		if err != nil || receipt.Result != "done" || receipt.Attempt != 4 {
			t.Fatalf("%+v, %v", receipt, err)
		}
		for i, attempt := range f.attempts {
			if attempt != i+1 {
				t.Errorf("attempt %d was told that it is %d", i+1, attempt)
			}
		}
		for i, backoff := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			within(t, "pause", f.starts()[i+1]-f.starts()[i], backoff)
		}
		if f.Retries() != 3 || f.Leftovers() != "" {
			t.Errorf("%d retries; %s", f.Retries(), f.Leftovers())
		}
	})
}

func TestRetryEnds(t *testing.T) {
	for name, test := range map[string]struct {
		policy scheduler.RetryPolicy
		step   func(context.Context) (string, error)
		code   task.Code
		runs   int
	}{
		"used up":                     {scheduler.RetryPolicy{MaxAttempts: 3}, fails(task.Unavailable), task.Unavailable, 3},
		"only one":                    {scheduler.RetryPolicy{MaxAttempts: 1}, fails(task.Unavailable), task.Unavailable, 1},
		"INVALID_ARGUMENT":            {scheduler.RetryPolicy{MaxAttempts: 3}, fails(task.InvalidArgument), task.InvalidArgument, 1},
		"NOT_FOUND":                   {scheduler.RetryPolicy{MaxAttempts: 3}, fails(task.NotFound), task.NotFound, 1},
		"CANCELLED":                   {scheduler.RetryPolicy{MaxAttempts: 3}, fails(task.Cancelled), task.Cancelled, 1},
		"not among codes":             {scheduler.RetryPolicy{MaxAttempts: 3, Codes: []task.Code{task.Unavailable}}, fails(task.Internal), task.Internal, 1},
		"among codes":                 {scheduler.RetryPolicy{MaxAttempts: 3, Codes: []task.Code{task.InvalidArgument}}, fails(task.InvalidArgument), task.InvalidArgument, 3},
		"out of time at each attempt": {scheduler.RetryPolicy{MaxAttempts: 3}, hangs, task.DeadlineExceeded, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFlaky(t, scheduler.Config{}, test.step)
				receipt, err := f.Submit(t.Context(), scheduler.Request{
					ID: "a", Method: "flaky", Retry: &test.policy, ExecutionTimeout: time.Second,
				})
				if err != nil || receipt.State != scheduler.Failed || receipt.Err.Code != test.code {
					t.Fatalf("%+v, %v", receipt, err)
				}
				if len(f.starts()) != test.runs || receipt.Attempt != uint32(test.runs) {
					t.Errorf("%d runs, attempt %d", len(f.starts()), receipt.Attempt)
				}
				synctest.Wait() // until one that was out of time has returned
				if left := f.Leftovers(); left != "" {
					t.Error(left)
				}
			})
		})
	}
}

// TestRetryPausesAreBounded by the longest, and grow by the factor.
func TestRetryPausesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlaky(t, scheduler.Config{}, fails(task.Unavailable))
		retry := &scheduler.RetryPolicy{MaxAttempts: 5, InitialBackoff: 100 * time.Millisecond, MaxBackoff: time.Second, Multiplier: 4}
		if _, err := f.Submit(t.Context(), scheduler.Request{Method: "flaky", Retry: retry}); err != nil {
			t.Fatal(err)
		}
		for i, backoff := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second, time.Second} {
			within(t, "pause", f.starts()[i+1]-f.starts()[i], backoff)
		}
	})
}

// TestAnAttemptThatGoesOn has the next one wait until it has returned, for as
// long as anyone can be asked to wait.
func TestAnAttemptThatGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		goesOn time.Duration
		runs   int
		least  time.Duration // between the two
	}{
		"returns in the pause": {1200 * time.Millisecond, 2, 1500 * time.Millisecond},
		"returns after it":     {5 * time.Second, 2, 5 * time.Second},
		"doesn't return":       {time.Hour, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFlaky(t, scheduler.Config{}, ignores(test.goesOn), succeeds)
				start := time.Now()
				receipt, err := f.Submit(t.Context(), scheduler.Request{
					ID: "a", Method: "flaky", Retry: policy(2), ExecutionTimeout: time.Second,
				})
				if err != nil || len(f.starts()) != test.runs {
					t.Fatalf("%+v, %v, began at %v", receipt, err, f.starts())
				}
				if test.runs == 1 {
					if receipt.Err == nil || receipt.Err.Code != task.DeadlineExceeded || time.Since(start) > 13*time.Second {
						t.Errorf("%+v after %v", receipt, time.Since(start))
					}
				} else if pause := f.starts()[1] - f.starts()[0]; pause < test.least || receipt.Result != "done" {
					t.Errorf("%+v; %v between the two", receipt, pause)
				}
				<-time.After(2 * time.Hour)
				synctest.Wait()
				if left := f.Leftovers(); left != "" {
					t.Error(left)
				}
			})
		})
	}
}

// TestWhileItPauses: the task is PENDING, its arguments count, and its end is
// anyone's who could end it before.
func TestWhileItPauses(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, f *flaky, leave context.CancelFunc){
		"cancel": func(t *testing.T, f *flaky, _ context.CancelFunc) {
			if c, err := f.Cancel(t.Context(), "a"); err != nil || !c.Done {
				t.Errorf("%+v, %v", c, err)
			}
		},
		"leave": func(_ *testing.T, _ *flaky, leave context.CancelFunc) { leave() },
		"drain": func(t *testing.T, f *flaky, _ context.CancelFunc) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			start := time.Now()
			if left, err := f.Drain(ctx); left != 1 || err != nil || time.Since(start) != 0 {
				t.Errorf("%d, %v after %v", left, err, time.Since(start))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFlaky(t, scheduler.Config{}, fails(task.Unavailable))
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				ended := make(chan error)
				go func() {
					request := scheduler.Request{ID: "a", Method: "flaky", Retry: policy(9), Args: strs{size: 1000}}
					receipt, err := f.Submit(ctx, request)
					if err == nil && receipt.Err != nil {
						err = receipt.Err
					}
					ended <- err
				}()
				<-time.After(10 * time.Millisecond)
				synctest.Wait()
				pending, running := f.Counts()
				o, _, _ := f.Get(t.Context(), "a")
				if pending != 1 || running != 0 || o.State != scheduler.Pending || o.Attempt != 1 || f.Admitted().Bytes < 1000 || f.Admitted().Backoffs != 1 {
					t.Errorf("%d pending, %d running, %+v, %+v", pending, running, o, f.Admitted())
				}
				end(t, f, leave)
				if err := <-ended; err == nil {
					t.Error("it succeeded")
				}
				synctest.Wait()
				if left := f.Leftovers(); left != "" || len(f.starts()) != 1 {
					t.Errorf("%s; %d runs", left, len(f.starts()))
				}
			})
		})
	}
}

// TestDependentsSeeTheLastAttempt alone.
func TestDependentsSeeTheLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlaky(t, scheduler.Config{}, fails(task.Unavailable), fails(task.Unavailable), succeeds)
		for _, request := range []scheduler.Request{
			{ID: "a", Method: "flaky", Retry: policy(3), Detached: true},
			{ID: "b", Method: "join", Deps: []string{"a"}, InjectResults: true, Detached: true},
		} {
			if _, err := f.Submit(t.Context(), request); err != nil {
				t.Fatal(err)
			}
		}
		if o, _, err := f.Wait(t.Context(), "b"); err != nil || o.Result != "done" {
			t.Errorf("%+v, %v", o, err)
		}
	})
}

// TestAFailedDependencyIsNoReasonToRetry.
func TestAFailedDependencyIsNoReasonToRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlaky(t, scheduler.Config{}, fails(task.Unavailable))
		if _, err := f.Submit(t.Context(), scheduler.Request{ID: "a", Method: "flaky", Detached: true}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		receipt, err := f.Submit(t.Context(), scheduler.Request{ID: "b", Method: "join", Deps: []string{"a"}, Retry: policy(5)})
		if err != nil || receipt.Err == nil || receipt.Err.Code != task.FailedPrecondition || receipt.Attempt != 0 || time.Since(start) > 0 {
			t.Errorf("%+v, %v after %v", receipt, err, time.Since(start))
		}
	})
}

// TestInjectedResultsAreThereAtEachAttempt, though the dependency has ended long
// before, and its result is forgotten.
func TestInjectedResultsAreThereAtEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, err := memory.New(memory.Config{TTL: time.Millisecond, Capacity: 10, Memory: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		f := newFixture(t, scheduler.Config{Store: kept})
		var seen []string
		again, err := task.NewSync(func(words ...string) error {
			seen = append(seen, words...)
			return task.Errorf(task.Unavailable, "again")
		}, task.Name("again"))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.tasks.Add(again); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Submit(t.Context(), scheduler.Request{ID: "a", Method: "sleep", Args: strs{list: []string{"1ms"}}, Detached: true}); err != nil {
			t.Fatal(err)
		}
		request := scheduler.Request{ID: "b", Method: "again", Deps: []string{"a"}, InjectResults: true, Args: strs{list: []string{"x"}}, Retry: policy(2)}
		if _, err := f.Submit(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 4 || seen[2] != "slept" || seen[3] != "x" {
			t.Errorf("got %q", seen)
		}
	})
}
