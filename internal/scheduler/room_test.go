package scheduler_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// fill submits what next returns, detached, until that is refused, and returns
// how many were not.
func (f *fixture) fill(t *testing.T, text string, next func(i int) scheduler.Request) (n int) {
	t.Helper()
	for ; n < 1_000_000; n++ {
		if _, err := f.Submit(t.Context(), detached(next(n))); err != nil {
			wantCode(t, err, task.ResourceExhausted, text)
			return n
		}
	}
	t.Error("nothing is refused")
	return n
}

func by(caller string, r scheduler.Request) scheduler.Request {
	r.Caller = caller
	return r
}

func TestTasksThatWaitLeaveRoomForThoseThatCanRun(t *testing.T) {
	for name, test := range map[string]struct {
		config scheduler.Config
		size   int
	}{
		"tasks": {scheduler.Config{MaxPending: 1000}, 0},
		"bytes": {scheduler.Config{MaxPendingBytes: 1_000_000}, 1000 - 10},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, test.config, func(t *testing.T, f *fixture) {
				n := f.fill(t, "wait for their dependencies", func(i int) scheduler.Request {
					return sized(waiting(fmt.Sprintf("%03d", i)), test.size)
				})
				if n < 490 || n > 510 {
					t.Errorf("%d tasks wait, of room for 1000", n)
				}
				n = f.fill(t, "", func(int) scheduler.Request { return sized(request("", "sleep", "1m"), test.size) })
				if n < 450 || n > 510 {
					t.Errorf("%d run beside them", n)
				}
				elapse(2 * time.Minute)
				f.detach(t, request("ghost", "sleep", "1m")) // now the others could run, and so don't wait any more
				synctest.Wait()
				f.wantGet(t, "000", scheduler.Pending, "")
				elapse(2 * time.Minute)
				f.wantGet(t, "000", scheduler.Succeeded, "")
				if n = f.fill(t, "wait for their dependencies", func(i int) scheduler.Request {
					return sized(after(waiting(fmt.Sprintf("%03dx", i)), "phantom"), test.size)
				}); n < 490 {
					t.Errorf("when all have ended, %d may wait", n)
				}
				elapse(2 * time.Hour)
			})
		})
	}
}

func TestOneCallerLeavesRoomForOthers(t *testing.T) {
	for name, test := range map[string]struct {
		config scheduler.Config
		whole  int // so many get in if nobody has a share
		text   string
		next   func(caller string, i int) scheduler.Request
	}{
		"tasks": {
			scheduler.Config{MaxPending: 1000},
			1000, "tasks of this client have not ended",
			func(caller string, _ int) scheduler.Request { return by(caller, request("", "sleep", "1m")) },
		},
		"bytes": {
			scheduler.Config{MaxPendingBytes: 1_000_000},
			1000, "this client's",
			func(caller string, _ int) scheduler.Request {
				return by(caller, sized(request("", "sleep", "1m"), 1000-36))
			},
		},
		"dependencies": {
			scheduler.Config{MaxPending: 100}, 25, "too many dependencies", // of 1000, 40 for each
			func(caller string, i int) scheduler.Request {
				r := by(caller, request("", "join"))
				r.DependencyTimeout = time.Minute
				for d := range 40 {
					r.Deps = append(r.Deps, fmt.Sprint(caller, i, "/", d))
				}
				return r
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, test.config, func(t *testing.T, f *fixture) {
				free := test.whole
				for _, caller := range []string{"a", "b"} {
					n := f.fill(t, test.text, func(i int) scheduler.Request { return test.next(caller, i) })
					if n < free*3/4 || n > free*17/20 {
						t.Errorf("%s got %d of %d", caller, n, free)
					}
					free -= n
				}
				for i := range free / 2 { // whoever comes gets something
					f.detach(t, test.next(fmt.Sprint("c", i), 0))
				}
				elapse(2 * time.Minute)
				f.detach(t, test.next("a", 0)) // and those who had much, when it is over
				elapse(2 * time.Minute)
			})
		})
	}
}

func TestSmallLimitsAreAnyonesAlone(t *testing.T) {
	bubble(t, scheduler.Config{MaxPending: 4}, func(t *testing.T, f *fixture) {
		n := f.fill(t, "the most that the server takes", func(int) scheduler.Request { return by("a", request("", "sleep", "1m")) })
		if n != 4 {
			t.Errorf("%d of 4", n)
		}
		elapse(2 * time.Minute)
	})
}

func TestCallersWhoComeAndGoLeaveNothing(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		for i := range 20_000 {
			if _, err := f.Submit(t.Context(), by(fmt.Sprint(i), request("", "join", "x"))); err != nil {
				t.Fatal(err)
			}
		}
		if n := f.Accounts(); n > 2000 {
			t.Errorf("%d accounts are kept", n)
		}
	})
}
