package scheduler

import (
	"context"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// execution is one task from its admission until it has ended. An id that
// others wait for and nobody has submitted yet is an execution without a task.
type execution struct {
	id string
	// Set before the execution is in the table, and not changed after.
	task              *task.Task // nil: not submitted yet
	size              int64      // in bytes, what it holds from its request
	injectResults     bool
	dependencyTimeout time.Duration
	executionTimeout  time.Duration

	queued slot // owned by the slots

	mu      sync.Mutex
	state   State
	outcome Outcome
	args    []task.Value // dropped when the task has ended
	// kept are the results of its dependencies that it wants injected.
	kept      []*kept
	keptBytes int
	// active: the function was called and has not returned. It may outlive the
	// task, which a cancel or a timeout ends at once.
	active bool
	// forgotten: its callers went away; the id is free again.
	forgotten bool
	// pinned: a detached submission wants it to go on whoever leaves.
	pinned     bool
	submitters int           // blocking submissions that wait for it
	waiters    int           // others that wait for it
	done       chan struct{} // closed at the end; made for the first who waits
	cancelRun  context.CancelFunc
	timer      *time.Timer // the dependency timeout, then the execution timeout
	submitted  time.Time
	started    time.Time // zero until it runs
	ended      time.Time

	dependencies waitlist   // what it waits for, see dependencies.go
	dependents   dependents // who waits for it
	search       uint64     // the last one that came by, see cycle.go; guarded by the graph's lock
}

// newExecution returns the execution that request asks for, with an id of its
// own if the request has none.
func newExecution(request *Request, t *task.Task) *execution {
	e := &execution{
		id:                request.ID,
		task:              t,
		injectResults:     request.InjectResults,
		dependencyTimeout: request.DependencyTimeout,
		executionTimeout:  request.ExecutionTimeout,
		args:              request.Args,
		pinned:            request.Detached,
		submitted:         time.Now(),
	}
	if e.id == "" {
		e.id = newID(e.submitted)
	}
	size := request.Size + len(e.id)
	for _, id := range request.Deps {
		size += len(id)
	}
	e.size = int64(size)
	if !request.Detached {
		e.submitters = 1
	}
	return e
}

// doneLocked returns the channel that is closed when e has ended.
func (e *execution) doneLocked() <-chan struct{} {
	if e.done == nil {
		e.done = make(chan struct{})
		if e.state.Ended() {
			close(e.done)
		}
	}
	return e.done
}

// snapshot returns e's outcome as it is now; ok is false for an id that nobody
// has submitted, or whose callers went away.
func (e *execution) snapshot() (o Outcome, ok bool) {
	if e.task == nil {
		return Outcome{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.forgotten {
		return Outcome{}, false
	}
	o = e.outcome
	o.State = e.state
	return o, true
}
