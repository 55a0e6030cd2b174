package scheduler

import (
	"context"

	"github.com/taskscheduler/taskscheduler/task"
)

// Drain refuses new tasks and returns nil when those admitted have ended. When
// ctx ends first, the tasks that are left fail with UNAVAILABLE, and Drain
// returns the number of them and ctx's error; functions that don't heed their
// context may still run then. Known ids are answered all the while.
func (s *Scheduler) Drain(ctx context.Context) (left int, err error) {
	s.draining.Store(true)
	for s.admitted.Load() > 0 {
		select {
		case <-s.idle:
		case <-ctx.Done():
			return s.cutOff(), ctx.Err()
		}
	}
	return 0, nil
}

func (s *Scheduler) cutOff() int {
	n := 0
	for _, e := range s.table.all() {
		if e.task != nil && s.finish(e, failed(task.Errorf(task.Unavailable, "the server stopped before the task ended"))) {
			n++
		}
	}
	return n
}
