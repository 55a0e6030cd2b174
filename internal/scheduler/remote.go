package scheduler

import (
	"time"

	"github.com/taskscheduler/taskscheduler/internal/pace"
	"github.com/taskscheduler/taskscheduler/task"
)

const (
	// remoteSlots is how many sync tasks of a source may run elsewhere at least. Its
	// process has a thread for each that blocks, of which it may have 64 at least.
	remoteSlots = 32
	// briefTimes is how many times as many may that are brief. They wait there rather
	// than here: the more are under way, the fewer system calls carry them, and who
	// finds a slot at once need not wake up for it.
	briefTimes = 4
	// brief is how long a method's tasks hold their slots in the mean if it is one that
	// is brief, waiting for a core included.
	brief = 10 * time.Millisecond
	// longestHeld is what a task counts for at the most.
	longestHeld = 10 * brief
)

// remotePools are where the sync tasks of one source have their slots.
type remotePools struct {
	usual, brief pool
	paces        map[string]*pace.Pace // of methods, by their names: those of a plugin loaded anew are new tasks
}

func newRemotePools(size int) *remotePools {
	r := &remotePools{paces: make(map[string]*pace.Pace)}
	size = max(size, remoteSlots)
	r.usual.init(size)
	r.brief.init(briefTimes * size)
	return r
}

// of returns the pool for a task's method.
func (r *remotePools) of(t *task.Task) *pool {
	if p := r.paces[t.Name]; p != nil && p.Mean() <= brief {
		return &r.brief
	}
	return &r.usual
}

// took takes in how long e has run, which gives back what it has.
func (r *remotePools) took(e *execution) {
	if e.started.IsZero() {
		return // it has ended before it began
	}
	p := r.paces[e.task.Name]
	if p == nil {
		p = new(pace.Pace)
		p.Takes(longestHeld)
		r.paces[e.task.Name] = p
	}
	p.Took(min(e.now().Sub(e.started), longestHeld))
}
