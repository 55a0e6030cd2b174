package child

import (
	"time"

	"github.com/taskscheduler/taskscheduler/internal/pace"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

const (
	// brief is up to what a call costs no more than handing it to a goroutine.
	brief = 5 * time.Microsecond
	// longest is what a call counts for at the most: a process that has to wait for a
	// processor now and then is not to make its tasks look long.
	longest = 40 * brief
)

// taskPace is how long a task's calls take. Nobody is brief at first, and what is
// async never: it goes on when its function has returned.
type taskPace struct {
	pace.Pace

	async bool
}

func newPaces(tasks []library.TaskInfo) []taskPace {
	all := make([]taskPace, len(tasks))
	for i := range all {
		all[i].async = tasks[i].Async
		all[i].Takes(longest)
	}
	return all
}

func (p *taskPace) brief() bool { return !p.async && p.Mean() <= brief }

func (p *taskPace) took(d time.Duration) { p.Took(min(d, longest)) }
