package service

import (
	"context"
	"math"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// Restore submits the tasks that the scheduler's queue has kept, and returns how
// many that are. It is called before clients are answered.
func Restore(ctx context.Context, s *scheduler.Scheduler) (n int, err error) {
	limits := wire.Limits{Dependencies: math.MaxInt, Tasks: 1} // they were looked at when the task came
	return s.Restore(ctx, func(kept []byte) (scheduler.Request, error) {
		request, err := wire.ParseRequest(kept, limits)
		if err != nil {
			return scheduler.Request{}, err
		}
		return submission("", request), nil
	})
}
