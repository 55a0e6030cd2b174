package scheduler

import (
	"context"

	"github.com/taskscheduler/taskscheduler/task"
)

// Drain refuses new tasks, for good, and returns nil when those admitted have
// ended. When ctx ends first, the tasks that are left fail with UNAVAILABLE,
// and Drain returns the number of them and ctx's error; functions that don't
// heed their context may still run then. Known ids are answered all the while.
func (s *Scheduler) Drain(ctx context.Context) (left int, err error) {
	s.draining.Store(true)
	for s.admitted.Load() > 0 {
		select {
		case <-s.idle:
		case <-ctx.Done():
			return s.cutOff(), ctx.Err()
		}
	}
	s.signalIdle() // to another Drain
	return 0, nil
}

func (s *Scheduler) signalIdle() {
	select {
	case s.idle <- struct{}{}:
	default: // it has been said
	}
}

// cutOff fails what has not ended. All fail with the same error, so those who
// wait for others are not told of those: they are among all.
func (s *Scheduler) cutOff() (n int) {
	o := failed(task.Errorf(task.Unavailable, "the server stopped before the task ended"))
	for _, e := range s.table.all() {
		if e.task == nil {
			continue
		}
		if _, ended := s.end(e, o, remember); ended {
			n++
		}
	}
	return n
}

// Draining reports whether new tasks are refused.
func (s *Scheduler) Draining() bool { return s.draining.Load() || s.refusing.Load() }

// Refuse makes the scheduler refuse new tasks, or take them again. Unlike
// [Scheduler.Drain], whose refusal stays, it doesn't wait.
func (s *Scheduler) Refuse(refuse bool) { s.refusing.Store(refuse) }
