package admin

import (
	"context"
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/task"
)

// forOthers is of how many streams of a kind viewers leave one to operators: who may only
// look keeps nobody from seeing what he steers.
const forOthers = 4

// enter counts one more of the streams of a kind, of which there may be so many, until
// leave is called.
func enter(ctx context.Context, streams *atomic.Int32, most int32) (leave func(), err error) {
	if adminport.CallerOf(ctx).Role < adminport.Operator {
		most -= most / forOthers
	}
	if n := streams.Add(1); n > most {
		streams.Add(-1)
		return nil, task.Errorf(task.ResourceExhausted, "%d watch already: try again later", n-1)
	}
	return func() { streams.Add(-1) }, nil
}
