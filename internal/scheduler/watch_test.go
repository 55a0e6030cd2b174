package scheduler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestWatchersSeeTasksRunAndEnd(t *testing.T) {
	var ended []scheduler.Execution
	config := scheduler.Config{Ended: func(x scheduler.Execution) { ended = append(ended, x) }}
	bubble(t, config, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "10s"))
		f.detach(t, after(request("b", "fail", "no"), "a"))
		elapse(4 * time.Second)
		for _, x := range f.Executions() {
			switch {
			case x.ID == "a" && x.State == scheduler.Running && x.Task.Name == "sleep" && x.Duration() == 4*time.Second:
			case x.ID == "b" && x.State == scheduler.Pending && x.Duration() == 0 && x.Detached:
			default:
				t.Errorf("unexpected: %+v", x)
			}
		}
		if n := len(f.Executions()); n != 2 {
			t.Errorf("%d executions; want 2", n)
		}
		if admitted := f.Admitted(); admitted.Tasks != 2 {
			t.Errorf("admitted: %+v", admitted)
		}
		elapse(time.Minute)
		synctest.Wait()
		if len(ended) != 2 || ended[0].ID != "a" || ended[0].State != scheduler.Succeeded || ended[0].Duration() != 10*time.Second ||
			ended[1].Code != task.InvalidArgument || ended[1].Message != "no" {
			t.Errorf("ended: %+v", ended)
		}
	})
}

func TestRefuseTurnsNewTasksAwayUntilItIsTakenBack(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.Pause(true)
		_, err := f.Submit(t.Context(), request("a", "join"))
		wantCode(t, err, task.Unavailable, "draining")
		f.Pause(false)
		if _, err := f.Submit(t.Context(), request("a", "join")); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}
