package scheduler_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// hooked is a result cache in which something happens during the first look-up
// of an id.
type hooked struct {
	mu       sync.Mutex
	outcomes map[string]scheduler.Outcome
	hooks    map[string]func()
}

func (h *hooked) Get(id string) (scheduler.Outcome, bool) {
	h.mu.Lock()
	o, ok := h.outcomes[id]
	hook := h.hooks[id]
	delete(h.hooks, id)
	h.mu.Unlock()
	if hook != nil {
		hook()
	}
	return o, ok
}

func (h *hooked) Put(id string, o scheduler.Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outcomes[id] = o
}

// The same id, with dependencies and without: the second one is submitted and
// ends while the first one looks for its place.
func TestASubmissionOvertakenByAnotherStartsNothing(t *testing.T) {
	cache := &hooked{outcomes: map[string]scheduler.Outcome{}, hooks: map[string]func(){}}
	bubble(t, scheduler.Config{Results: cache}, func(t *testing.T, f *fixture) {
		f.detach(t, request("dep", "join"))
		synctest.Wait()
		cache.hooks["a"] = func() {
			cache.hooks["a"] = nil
			if _, err := f.Submit(t.Context(), request("a", "spin", "0s")); err != nil {
				t.Error(err)
			}
		}
		receipt, err := f.Submit(t.Context(), after(request("a", "spin", "0s"), "dep"))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "spun")
		if n := f.ran("spin"); n != 1 {
			t.Errorf("the task ran %d times", n)
		}
	})
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
