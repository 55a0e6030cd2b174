package scheduler_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// soon is how long a task waits at most for those of other methods.
const soon = 50 * time.Millisecond

// wantSoon runs a quick task and checks that it didn't have to wait for long.
func (f *fixture) wantSoon(t *testing.T, method string, least time.Duration) {
	t.Helper()
	begin := time.Now()
	if receipt, err := f.Submit(t.Context(), request("", method, "0s")); err != nil || receipt.State != scheduler.Succeeded {
		t.Errorf("%s: %+v, %v", method, receipt, err)
	}
	if waited := time.Since(begin); waited > least+soon {
		t.Errorf("%s waited %v", method, waited)
	}
}

// running counts what runs, by method.
func (f *fixture) running() map[string]int {
	running := map[string]int{}
	for _, x := range f.Executions() {
		if x.State == scheduler.Running {
			running[x.Task.Name]++
		}
	}
	return running
}

func TestATaskDoesNotWaitForThoseOfAnotherMethod(t *testing.T) {
	bubble(t, scheduler.Config{MaxSync: 2}, func(t *testing.T, f *fixture) {
		for range 20 {
			f.detach(t, request("", "spin", "10s"))
		}
		for range 100 {
			f.wantSoon(t, "join", 0)
			elapse(7 * time.Millisecond)
		}
		var callers sync.WaitGroup
		for range 1000 {
			callers.Go(func() { f.wantSoon(t, "join", 0) })
		}
		callers.Wait()
		if n := f.running()["spin"]; n != 2 {
			t.Errorf("%d of the long ones run; want 2, however many are waited for", n)
		}
		elapse(2 * time.Minute)
		if n := f.ran("spin"); n != 20 {
			t.Errorf("%d of 20 ran", n)
		}
	})
}

func TestWhatRunsBeyondTheSlotsIsBounded(t *testing.T) {
	const methods, cores = 10, 3
	bubble(t, scheduler.Config{MaxSync: cores}, func(t *testing.T, f *fixture) {
		for i := range methods {
			f.add(t, task.NewSync, fmt.Sprint("m", i), func(string) { elapse(time.Second) })
		}
		for i := range methods * 20 {
			f.detach(t, request("", fmt.Sprint("m", i%methods), "x"))
		}
		begin, most := time.Now(), 0
		ran := map[string]time.Time{}
		for len(f.Executions()) > 0 {
			elapse(10 * time.Millisecond)
			synctest.Wait()
			total, running := 0, f.running()
			for method, n := range running {
				if total += n; n > cores {
					t.Errorf("%d of %s run on %d cores", n, method, cores)
				}
			}
			most = max(most, total)
			for i := range methods {
				method := fmt.Sprint("m", i)
				if running[method] > 0 {
					ran[method] = time.Now()
				} else if at := time.Since(begin); at > soon && at < 10*time.Second && time.Since(ran[method]) > soon {
					t.Errorf("after %v %s does not run since %v", at, method, time.Since(ran[method]))
				}
			}
		}
		if most > cores+methods {
			t.Errorf("%d tasks of %d methods ran at a time on %d cores", most, methods, cores)
		}
	})
}

func TestOneMethodAloneKeepsToTheSlots(t *testing.T) {
	bubble(t, scheduler.Config{MaxSync: 2}, func(t *testing.T, f *fixture) {
		for range 10 {
			f.detach(t, request("", "spin", "1s"))
		}
		for range 49 {
			elapse(100 * time.Millisecond)
			if n := f.running()["spin"]; n > 2 {
				t.Fatalf("%d run", n)
			}
		}
		elapse(time.Second)
		if n := f.ran("spin"); n != 10 {
			t.Errorf("%d of 10 ran in the time that they need", n)
		}
	})
}

func TestTheBoundOnAllTasksIsHard(t *testing.T) {
	bubble(t, scheduler.Config{MaxSync: 2, MaxConcurrent: 2}, func(t *testing.T, f *fixture) {
		f.detach(t, request("", "spin", "1s"))
		f.detach(t, request("", "spin", "1s"))
		f.detach(t, request("", "join"))
		elapse(500 * time.Millisecond)
		if pending, running := f.Counts(); running != 2 || pending != 1 {
			t.Errorf("%d run, %d wait", running, pending)
		}
		elapse(time.Second)
	})
}

func TestAFunctionThatOutlivesItsTaskGivesItsSlotUp(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, f *fixture, ids []string){
		"timeout": func(*testing.T, *fixture, []string) { elapse(time.Second) },
		"cancel": func(t *testing.T, f *fixture, ids []string) {
			synctest.Wait()
			for _, id := range ids {
				f.cancel(t, id)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			config := scheduler.Config{MaxSync: 2, Logger: slog.New(slog.NewTextHandler(&log, nil))}
			bubble(t, config, func(t *testing.T, f *fixture) {
				ids := []string{"a", "b"}
				for _, id := range ids {
					r := request(id, "spin", "1m")
					r.ExecutionTimeout = time.Second
					f.detach(t, r)
				}
				end(t, f, ids)
				synctest.Wait()
				begin := time.Now()
				for range 2 {
					f.detach(t, request("", "spin", "2s")) // both slots are free at once
				}
				synctest.Wait()
				if n := f.running()["spin"]; n != 2 || f.Admitted().Overdue != 0 {
					t.Errorf("%d run; admitted: %+v", n, f.Admitted())
				}
				elapse(1500 * time.Millisecond)
				synctest.Wait()
				if n := f.Admitted().Overdue; n != 2 {
					t.Errorf("%d are overdue, want 2", n)
				}
				for _, x := range f.Executions() {
					if overdue := x.ID == "a" || x.ID == "b"; x.Overdue != overdue || x.State.Ended() != overdue {
						t.Errorf("shown: %+v", x)
					}
				}
				if n := strings.Count(log.String(), "goes on after the task has ended"); n != 2 || time.Since(begin) < time.Second {
					t.Errorf("the log tells %d times: %s", n, log.String())
				}
				elapse(2 * time.Minute)
				synctest.Wait()
				if n := f.Admitted().Overdue; n != 0 || len(f.Executions()) != 0 {
					t.Errorf("in the end %d are overdue; shown: %v", n, f.Executions())
				}
			})
		})
	}
}

func TestAFunctionThatHeedsItsContextIsNotOverdue(t *testing.T) {
	var log strings.Builder
	bubble(t, scheduler.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, func(t *testing.T, f *fixture) {
		r := request("a", "sleep", "1h")
		r.ExecutionTimeout = time.Second
		f.detach(t, r)
		elapse(time.Minute)
		synctest.Wait()
		if strings.Contains(log.String(), "goes on") {
			t.Errorf("the log: %s", log.String())
		}
	})
}

// A function that never returns must not start another one with each timeout.
func TestHowManyRunOnIsBounded(t *testing.T) {
	const most = 4
	bubble(t, scheduler.Config{MaxSync: 2}, func(t *testing.T, f *fixture) {
		for range 100 {
			r := request("", "spin", "1h")
			r.ExecutionTimeout = time.Second
			f.detach(t, r)
		}
		elapse(time.Minute)
		synctest.Wait()
		if n := f.Admitted().Overdue; n < most || n > most+1 {
			t.Errorf("%d run on; want about %d", n, most)
		}
		f.wantSoon(t, "join", 0)
		elapse(100 * time.Hour)
	})
}

func TestRemoteTasksTakeNoSlot(t *testing.T) {
	bubble(t, scheduler.Config{MaxSync: 2}, func(t *testing.T, f *fixture) {
		for _, plugin := range []string{"p", "q"} {
			for _, name := range []string{"slow", "quick"} {
				remote := &task.Task{Name: plugin + "::" + name, Remote: true, Source: "lib" + plugin + ".so"}
				remote.Run = f.tasks.Lookup("spin").Run
				if err := f.tasks.Add(remote); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 50 {
			f.detach(t, request("", "p::slow", "1s"))
		}
		synctest.Wait()
		if n := f.running()["p::slow"]; n != 32 {
			t.Errorf("%d of one plugin run; want its own bound, 32", n)
		}
		begin := time.Now()
		f.wantSoon(t, "join", 0)
		f.wantSoon(t, "q::quick", 0)
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("the others waited %v for a plugin's slots", waited)
		}
		f.wantSoon(t, "p::quick", 0) // of the same plugin: as long as for any method
		elapse(time.Minute)
	})
}

func TestBriefRemoteTasksMayBeMore(t *testing.T) {
	bubble(t, scheduler.Config{MaxSync: 2}, func(t *testing.T, f *fixture) {
		remote := &task.Task{Name: "p::sleep", Remote: true, Source: "libp.so", Run: f.tasks.Lookup("spin").Run}
		if err := f.tasks.Add(remote); err != nil {
			t.Fatal(err)
		}
		most := func(each string) int {
			for range 500 {
				f.detach(t, request("", "p::sleep", each))
			}
			synctest.Wait()
			n := f.running()["p::sleep"]
			elapse(time.Hour)
			return n
		}
		most("1ms")
		if n := most("1ms"); n != 128 {
			t.Errorf("%d brief ones run at a time, want 128", n)
		}
		if n := most("1s"); n > 128 {
			t.Errorf("%d run at a time, want 128 at the most: they have been brief", n)
		}
		if n := most("1s"); n != 32 {
			t.Errorf("%d long ones run at a time, want 32", n)
		}
	})
}
