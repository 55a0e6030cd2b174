package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestDependenciesComeFirst(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("slow", "sleep", "2s"))
		f.detach(t, request("quick", "join", "q"))
		begin := time.Now()
		r := after(request("a", "join", "own"), "slow", "quick", "slow")
		r.InjectResults = true
		receipt, err := f.Submit(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "slept,q,slept,own")
		if waited := time.Since(begin); waited != 2*time.Second {
			t.Errorf("waited %v; the slow dependency takes 2s", waited)
		}
	})
}

func TestResultsAreInjectedOnlyWhenAskedFor(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("dep", "join", "q"))
		receipt, err := f.Submit(t.Context(), after(request("a", "join", "own"), "dep"))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "own")
	})
}

func TestAFailedDependencyFailsItsDependents(t *testing.T) {
	for _, early := range []bool{true, false} {
		t.Run(fmt.Sprintf("failed before the submission %t", early), func(t *testing.T) {
			bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
				if early {
					f.detach(t, request("dep", "fail", "no"))
					synctest.Wait()
				} else {
					f.detach(t, request("first", "sleep", "1s"))
					f.detach(t, after(request("dep", "fail", "no"), "first"))
				}
				f.detach(t, after(request("b", "join"), "dep"))
				f.detach(t, after(request("c", "join"), "b"))
				receipt, err := f.Submit(t.Context(), after(request("d", "join"), "c"))
				if err != nil {
					t.Fatal(err)
				}
				wantOutcome(t, receipt.Outcome, scheduler.Failed, `FAILED_PRECONDITION: dependency "c" failed with FAILED_PRECONDITION`)
				f.wantGet(t, "b", scheduler.Failed, `FAILED_PRECONDITION: dependency "dep" failed with INVALID_ARGUMENT`)
				if f.ran("join") != 0 {
					t.Error("a dependent ran")
				}
			})
		})
	}
}

func TestACancelledDependencyFailsItsDependents(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("dep", "sleep", "1h"))
		f.detach(t, after(request("a", "join"), "dep"))
		f.cancel(t, "dep")
		f.wantGet(t, "a", scheduler.Failed, `FAILED_PRECONDITION: dependency "dep" was cancelled`)
	})
}

func TestALongChainFailsWithoutRecursion(t *testing.T) {
	const length = 100_000
	bubble(t, scheduler.Config{MaxPending: 2 * length}, func(t *testing.T, f *fixture) {
		f.detach(t, request("0", "sleep", "1h"))
		for i := range length {
			f.detach(t, after(request(fmt.Sprint(i+1), "join"), fmt.Sprint(i)))
		}
		f.cancel(t, "0")
		f.wantGet(t, fmt.Sprint(length), scheduler.Failed, "FAILED_PRECONDITION")
	})
}

func TestDependencyTimeout(t *testing.T) {
	for name, test := range map[string]struct {
		asked, fallback, want time.Duration
		dep                   string
	}{
		"of the request":            {3 * time.Second, time.Minute, 3 * time.Second, "slow"},
		"of the server":             {0, 20 * time.Second, 20 * time.Second, "slow"},
		"for what is not yet there": {4 * time.Second, time.Minute, 4 * time.Second, "ghost"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, scheduler.Config{DependencyTimeout: test.fallback}, func(t *testing.T, f *fixture) {
				f.detach(t, request("slow", "sleep", "1h"))
				begin := time.Now()
				r := after(request("a", "join"), test.dep)
				r.DependencyTimeout = test.asked
				receipt, err := f.Submit(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				wantOutcome(t, receipt.Outcome, scheduler.Failed, "DEADLINE_EXCEEDED: the dependencies have not ended within "+test.want.String())
				if waited := time.Since(begin); waited != test.want {
					t.Errorf("waited %v; want %v", waited, test.want)
				}
				f.wantUnknown(t, "ghost")
				f.cancel(t, "slow")
			})
		})
	}
}

func TestADependencyMayBeSubmittedLater(t *testing.T) {
	for _, withDependency := range []bool{false, true} {
		t.Run(fmt.Sprintf("itself with a dependency %t", withDependency), func(t *testing.T) {
			bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
				for _, id := range []string{"a", "b"} {
					r := after(request(id, "join", id), "later")
					r.DependencyTimeout, r.InjectResults = time.Minute, true
					f.detach(t, r)
				}
				elapse(time.Second)
				f.wantUnknown(t, "later")
				if f.cancel(t, "later").Known {
					t.Error("an id that is only waited for can be cancelled")
				}
				if _, known := f.wait(t, "later"); known {
					t.Error("an id that is only waited for can be waited for")
				}
				later := request("later", "join", "now")
				if withDependency {
					f.detach(t, request("root", "sleep", "1s"))
					later = after(later, "root")
				}
				f.detach(t, later)
				elapse(2 * time.Second)
				f.wantGet(t, "a", scheduler.Succeeded, "now,a")
				f.wantGet(t, "b", scheduler.Succeeded, "now,b")
			})
		})
	}
}

func TestCyclesAreRefusedAtOnce(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		begin := time.Now()
		for _, r := range []scheduler.Request{after(request("a", "join"), "b"), after(request("b", "join"), "c")} {
			r.DependencyTimeout = time.Minute
			f.detach(t, r)
		}
		closing := after(request("c", "join"), "a")
		closing.DependencyTimeout = time.Minute
		for _, isDetached := range []bool{false, true} {
			closing.Detached = isDetached
			_, err := f.Submit(t.Context(), closing)
			wantCode(t, err, task.FailedPrecondition, `dependency cycle: "c" → "a" → "b" → "c"`)
		}
		if time.Since(begin) != 0 {
			t.Error("the cycle was found by waiting")
		}
		f.wantUnknown(t, "c")
		f.detach(t, request("c", "join", "no dependency"))
		synctest.Wait()
		f.wantGet(t, "a", scheduler.Succeeded, "")
	})
}

func TestALongCycleIsShownCut(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		for i := range 1000 {
			r := after(request(fmt.Sprint(i), "join"), fmt.Sprint(i+1))
			r.DependencyTimeout = time.Minute
			f.detach(t, r)
		}
		_, err := f.Submit(t.Context(), after(request("1000", "join"), "0"))
		wantCode(t, err, task.FailedPrecondition, `"1000" → "0" → "1"`)
		if len(err.Error()) > 200 || !strings.HasSuffix(err.Error(), "→ …") {
			t.Errorf("%d bytes: %v", len(err.Error()), err)
		}
		elapse(time.Hour)
	})
}

func TestASearchForACycleIsBounded(t *testing.T) {
	const fan, depth = 999, 120
	bubble(t, scheduler.Config{MaxPending: 20_000}, func(t *testing.T, f *fixture) {
		last := "start"
		for range depth {
			deps := make([]string, fan, fan+1)
			for i := range deps {
				deps[i] = "ghost" + last + string(rune('α'+i))
			}
			r := after(request(last+"x", "join"), append(deps, last)...)
			r.DependencyTimeout = time.Second
			f.detach(t, r)
			last = r.ID
		}
		start := after(request("start", "join"), last)
		_, err := f.Submit(t.Context(), start)
		wantCode(t, err, task.ResourceExhausted, "submit dependencies first")
		f.wantUnknown(t, "start")
		elapse(time.Minute)
	})
}

func TestWaitedForDependenciesAreBounded(t *testing.T) {
	bubble(t, scheduler.Config{MaxPending: 2}, func(t *testing.T, f *fixture) {
		ids := make([]string, 21)
		for i := range ids {
			ids[i] = fmt.Sprint(i)
		}
		r := after(request("a", "join"), ids...)
		r.DependencyTimeout = time.Second
		_, err := f.Submit(t.Context(), r)
		wantCode(t, err, task.ResourceExhausted, "too many dependencies")
		r.Deps = ids[:20]
		receipt, err := f.Submit(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, "DEADLINE_EXCEEDED")
		r.ID = "b" // the first one's are given back
		if _, err = f.Submit(t.Context(), r); err != nil {
			t.Error(err)
		}
	})
}
