package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// hooked is a result cache in which something happens during the first look-up
// of an id.
type hooked struct {
	mu       sync.Mutex
	outcomes map[string]scheduler.Outcome
	hooks    map[string]func()
}

func (h *hooked) Get(_ context.Context, id string) (scheduler.Outcome, bool, error) {
	h.mu.Lock()
	o, ok := h.outcomes[id]
	hook := h.hooks[id]
	delete(h.hooks, id)
	h.mu.Unlock()
	if hook != nil {
		hook()
	}
	return o, ok, nil
}

func (h *hooked) Create(_ context.Context, id string, o scheduler.Outcome) (scheduler.Outcome, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outcomes[id] = o
	return o, nil
}

// The same id, with dependencies and without: the second one is submitted
// while the first one looks for its place.
func TestASubmissionDuringAnotherStartsNothing(t *testing.T) {
	for name, other := range map[string]scheduler.Request{
		"without": request("a", "spin", "0s"),
		"with":    after(request("a", "spin", "0s"), "dep"),
	} {
		t.Run(name, func(t *testing.T) {
			cache := &hooked{outcomes: map[string]scheduler.Outcome{}, hooks: map[string]func(){}}
			bubble(t, scheduler.Config{Store: cache}, func(t *testing.T, f *fixture) {
				f.detach(t, request("dep", "join"))
				synctest.Wait()
				submit := func(r scheduler.Request) {
					receipt, err := f.Submit(t.Context(), r)
					if err != nil {
						t.Error(err)
					}
					wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "spun")
				}
				var others sync.WaitGroup
				cache.hooks["a"] = func() {
					for range 3 {
						others.Go(func() { submit(other) })
					}
					ctx, cancel := contextWithTimeout(t, time.Second)
					defer cancel()
					_, err := f.Submit(ctx, other)
					wantCode(t, err, task.DeadlineExceeded, "the caller's deadline is over")
					f.wantUnknown(t, "a")
				}
				submit(after(request("a", "spin", "0s"), "dep"))
				others.Wait()
				if n := f.ran("spin"); n != 1 {
					t.Errorf("the task ran %d times", n)
				}
			})
		})
	}
}

// The dependency ends in the very moment in which the time for it is over.
func TestATaskThatRunsIsNotFailedForItsDependencies(t *testing.T) {
	var wrong atomic.Int64
	config := scheduler.Config{Ended: func(x scheduler.Execution) {
		if strings.Contains(x.Message, "the dependencies have not ended") && !x.Started.IsZero() {
			wrong.Add(1)
		}
	}}
	bubble(t, config, func(t *testing.T, f *fixture) {
		for i := range 5000 {
			dep := fmt.Sprint("dep", i)
			f.detach(t, request(dep, "sleep", "1ms"))
			r := after(request(fmt.Sprint(i), "join"), dep)
			r.DependencyTimeout = time.Millisecond
			f.detach(t, r)
			elapse(2 * time.Millisecond)
		}
	})
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d tasks failed for a dependency after they had begun", n)
	}
}
