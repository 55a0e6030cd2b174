package scheduler

import (
	"context"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/task"
)

// execution is one task from its admission until it has ended. An id that
// others wait for and nobody has submitted yet is an execution without a task.
type execution struct {
	id string
	// Set before the execution is in the table, and not changed after.
	task              *task.Task // nil: see awaited
	size              int64      // in bytes, what it holds from its request
	dependencyTimeout time.Duration
	executionTimeout  time.Duration
	account           *account
	labels            map[string]string
	scheduler         *Scheduler
	later             *later // nil: it starts at once, and runs once
	kept              *kept  // nil: it ends with the process. A later submission may set it, under mu

	turn turn // owned by the slots

	mu    sync.Mutex
	state State
	// decided: how it ends is settled, though the store may not have it yet and
	// its state isn't final until then.
	decided bool
	told    bool // that it has ended: waiters have been woken
	// active: the function was called and has not returned. It may outlive the
	// task, which a cancel or a timeout ends at once.
	active bool
	// forgotten: its callers left, or the store failed; its id means nothing any
	// more, from the decision on.
	forgotten bool
	// pinned: a detached submission wants it to go on, whatever callers leave.
	pinned        bool
	overdue       bool         // it is in Scheduler.overdue
	waits         bool         // it has room among those that wait for dependencies
	attempt       uint32       // how often it began to run
	abroad        bool         // it waits for what isn't here, if only by way of others; set before it is placed
	injectResults bool         // set with those above; it stands here since it takes no room here
	outcome       Outcome      // once its state is final
	args          []task.Value // dropped when its end is decided
	// injected are the results of its dependencies that it wants as arguments.
	injected      []*injected
	injectedBytes int
	submitters    int32         // blocking submissions that wait for it
	waiters       int32         // others that wait for it
	done          chan struct{} // closed when told; made for the first who waits
	awaiting      []*Awaited    // who else is told then
	cancelRun     context.CancelFunc
	timer         *time.Timer // the dependency timeout, then the execution timeout
	submitted     time.Time
	started       time.Time // zero until it runs
	ended         time.Time
	journal       *journal.Journal // nil: nobody watches, and it has said nothing

	dependencies waitlist   // what it waits for, see dependencies.go
	dependents   dependents // who waits for it
	search       uint64     // the last one that came by, see cycle.go; guarded by the graph's lock
}

// newExecution returns the execution that request asks for, with an id of its
// own if the request has none. size is about what args hold.
func newExecution(request *Request, t *task.Task, args []task.Value, size int) *execution {
	e := &execution{
		id:                request.ID,
		task:              t,
		injectResults:     request.InjectResults,
		dependencyTimeout: request.DependencyTimeout,
		executionTimeout:  request.ExecutionTimeout,
		args:              args,
		labels:            request.Labels,
		pinned:            request.Detached || request.Durable,
		submitted:         request.Came,
	}
	if e.submitted.IsZero() {
		e.submitted = time.Now()
	}
	if e.id == "" {
		e.id = newID(e.submitted)
	}
	e.later = newLater(request, e.submitted)
	size += len(e.id) + labelsSize(request.Labels)
	for _, id := range request.Deps {
		size += len(id)
	}
	e.size = int64(size)
	if !request.Detached {
		e.submitters = 1
	}
	return e
}

// stopTimerLocked stops what e's timer would do.
func (e *execution) stopTimerLocked() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

// now is the time. It reads one clock, of which [time.Now] reads two, unless e may
// have been submitted long ago: the machine's clock may have been set since.
func (e *execution) now() time.Time {
	if e.later != nil {
		return time.Now()
	}
	return e.submitted.Add(time.Since(e.submitted))
}

// endedWithin reports whether e has ended no more than d after a time.
func (e *execution) endedWithin(d time.Duration, began time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.ended.IsZero() && e.ended.Sub(began) <= d
}

// awaited tells of an id that is only waited for: nobody has submitted it.
func (e *execution) awaited() bool { return e.task == nil }

// doneLocked returns the channel that is closed when e has ended and all is
// free that it held.
func (e *execution) doneLocked() <-chan struct{} {
	if e.done == nil {
		e.done = make(chan struct{})
		if e.told {
			close(e.done)
		}
	}
	return e.done
}

// tell lets those go on who wait for e.
func (e *execution) tell() {
	e.mu.Lock()
	e.told = true
	if e.done != nil {
		close(e.done)
	}
	awaiting, receipt := e.takeAwaitingLocked(), Receipt{ID: e.id, Outcome: e.outcome}
	e.mu.Unlock()
	for _, a := range awaiting {
		a.waiter.Answered(receipt, nil)
	}
}

// snapshot returns e's outcome as it is now; ok is false for an id that means
// nothing any more.
func (e *execution) snapshot() (o Outcome, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.forgotten {
		return Outcome{}, false
	}
	return e.outcomeLocked(), true
}

// outcomeLocked returns the outcome, or the state as it is now.
func (e *execution) outcomeLocked() Outcome {
	if e.state.Ended() && !e.goesOnLaterLocked() {
		return e.outcome
	}
	state := e.state
	if state.Ended() {
		state = Pending
	}
	return Outcome{State: state, Attempt: e.attempt}
}
