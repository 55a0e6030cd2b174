package scheduler

import (
	"context"
	"errors"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/task"
)

// Source is a submission as it came.
type Source interface {
	// Encode returns it in bytes that [Scheduler.Restore] is given back in another
	// process; they are good until the submission returns. deps are its
	// dependencies. The error is a [task.Error].
	Encode(deps []string) ([]byte, error)
}

// kept is what there is to an execution that outlives the process.
type kept struct {
	record queue.Record // until the queue has it
	// Guarded by the execution's lock.
	entry              *queue.Entry  // nil: the queue doesn't have it yet, or any more
	attempt            uint32        // that the queue knows of
	packed, turnedAway bool          // see handover.go
	aside              bool          // it is among Scheduler.aside
	ready              chan struct{} // closed when the queue has it, or has refused it
	err                error         // why it has
	// restored: a process before this one has accepted it, so nothing refuses it.
	restored bool
}

// keeps reports whether a task is to outlive the process.
func (s *Scheduler) keeps(request *Request) bool {
	return s.config.Queue != nil && (request.Detached || request.Durable)
}

// Keeps reports whether tasks outlive the process if they are to.
func (s *Scheduler) Keeps() bool { return s.config.Queue != nil }

// newKept returns what is kept of a request; it needs the request's memory until
// keep has been called.
func (s *Scheduler) newKept(request *Request, args []task.Value) (k *kept, err error) {
	if request.restored != nil {
		return request.restored, nil
	}
	k = &kept{ready: make(chan struct{})}
	k.record.RetryOf = request.RetryOf
	if request.Source != nil {
		k.record.Request, err = request.Source.Encode(request.Deps)
	} else {
		own := *request // or every request would be on the heap, kept or not
		k.record.Request, err = s.config.Encode(&own, args)
	}
	return k, err
}

// keep has the queue keep executions, all or none, and then calls back with nil
// or a [task.Error]. It doesn't wait, nor may the callback.
func (s *Scheduler) keep(executions []*execution, then func(error)) {
	records := make([]queue.Record, len(executions))
	for i, e := range executions {
		records[i] = e.kept.record
		records[i].ID, records[i].Submitted = e.id, e.submitted
		e.kept.record = queue.Record{}
	}
	s.config.Queue.Put(records, func(entries []*queue.Entry, err error) {
		err = s.keeping(err)
		for i, e := range executions {
			if err != nil {
				s.isNotKept(e, err)
			} else {
				s.isKept(e, entries[i])
			}
		}
		then(err)
	})
}

var errNoRoom = task.Errorf(task.ResourceExhausted, "there is no room where the data is kept for more tasks; try again later")

// keeping turns an error of the queue into what clients are told, and logs it.
func (s *Scheduler) keeping(err error) error {
	switch {
	case errors.Is(err, queue.ErrTooLarge):
		return task.Errorf(task.ResourceExhausted, "%w: send less with it, or not to be kept", err)
	case errors.Is(err, queue.ErrFull):
		s.outcomes.keeping.works(err)
		return errNoRoom
	case !s.outcomes.keeping.works(err):
		return task.Errorf(task.Unavailable, "tasks can't be kept now%s; submit it again", s.outcomes.because())
	}
	return nil
}

// isKept takes in that the queue has e.
func (s *Scheduler) isKept(e *execution, entry *queue.Entry) {
	e.mu.Lock()
	e.kept.entry = entry
	if e.state == Pending && e.attempt > e.kept.attempt { // it failed meanwhile
		s.config.Queue.Again(entry, e.attempt, e.later.until)
	}
	var over *queue.Entry
	if e.state.Ended() { // before that
		over = e.takeEntryLocked(e.outcome)
	}
	close(e.kept.ready)
	e.mu.Unlock()
	if over != nil {
		s.config.Queue.Done(over)
	}
}

// isNotKept takes in that the queue doesn't have e.
func (s *Scheduler) isNotKept(e *execution, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s.notAsideLocked(e)
	k := e.kept
	k.err = err
	e.kept = nil
	close(k.ready)
}

// startKept is start for a task that outlives the process: it starts when it is
// sure to.
func (s *Scheduler) startKept(ctx context.Context, e *execution, request *Request) (Receipt, error) {
	detached, answer := request.Detached, make(chan error, 1)
	s.keepAndStart(e, request, func(err error) { answer <- err })
	select {
	case err := <-answer:
		if err != nil || detached {
			return Receipt{ID: e.id}, err
		}
	case <-ctx.Done():
		return Receipt{}, gone(ctx)
	}
	e.mu.Lock()
	done := e.doneLocked()
	e.mu.Unlock()
	return s.await(ctx, e, done)
}

// keepAndStart starts e once it is kept, or refuses it, and then calls back.
func (s *Scheduler) keepAndStart(e *execution, request *Request, then func(error)) {
	hasDependencies := len(request.Deps) > 0
	s.keep([]*execution{e}, func(err error) {
		if err != nil {
			s.end(e, failed(task.ErrorOf(err)), byRefusing)
		} else {
			s.startApart(e, hasDependencies)
		}
		then(err)
	})
}

// startKeptThen is startKept for a caller who doesn't wait.
func (s *Scheduler) startKeptThen(e *execution, request *Request, w Waiter) *Awaited {
	if !request.Detached {
		a := s.tellLater(e, w)
		s.keepAndStart(e, request, func(error) {}) // who waits is told of its end
		return a
	}
	s.keepAndStart(e, request, func(err error) {
		if err != nil {
			w.Answered(Receipt{}, err)
		} else {
			w.Answered(Receipt{ID: e.id}, nil)
		}
	})
	return &Awaited{scheduler: s, execution: e, over: true} // its caller may leave, the task goes on
}

// joinKept makes a task that is there outlive the process, if it doesn't yet. ok is
// false when its id means nothing any more.
func (s *Scheduler) joinKept(ctx context.Context, e *execution) (ok bool, err error) {
	e.mu.Lock()
	k, wait := e.kept, e.doneLocked() // its end is as good, if that is near
	var mine bool
	if k == nil && !e.decided {
		if k, err = s.keptLaterLocked(e); err != nil {
			e.mu.Unlock()
			return true, err
		}
		e.kept, mine = k, true
	}
	if k != nil {
		wait = k.ready
	}
	e.mu.Unlock()
	if mine {
		s.keep([]*execution{e}, func(error) {})
	}
	select {
	case <-wait:
	case <-ctx.Done():
		return true, gone(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case mine && k.err != nil:
		return true, k.err
	case k != nil && k.err != nil || e.forgotten:
		return false, nil
	}
	e.pinned = true
	return true, nil
}

// keptLaterLocked is newKept for an e that is to outlive the process only now: as it
// was submitted, whatever the submission asks for that joins it.
func (s *Scheduler) keptLaterLocked(e *execution) (k *kept, err error) {
	k = &kept{ready: make(chan struct{})}
	k.record, err = s.recordLocked(e)
	k.attempt = k.record.Attempt
	return k, err
}

// recordLocked returns what it takes to go on with e, but for its id.
func (s *Scheduler) recordLocked(e *execution) (r queue.Record, err error) {
	request := Request{
		Method: e.task.Name, Labels: e.labels, DependencyTimeout: e.dependencyTimeout, ExecutionTimeout: e.executionTimeout,
		InjectResults: e.injectResults, Detached: e.pinned, Durable: true,
	}
	for i := range e.dependencies.edges {
		request.Deps = append(request.Deps, e.dependencies.edges[i].id)
	}
	r.Attempt = e.attempt
	if e.state == Running {
		r.Attempt-- // this one isn't over
	}
	if l := e.later; l != nil {
		request.StartAt, request.Retry, request.RetryOf = l.startAt, l.policy, l.retryOf
		r.Due, r.RetryOf = l.until, l.retryOf
	}
	r.Request, err = s.config.Encode(&request, e.args)
	return r, err
}

// takeEntryLocked returns e's entry in the queue if that is over with o.
func (e *execution) takeEntryLocked(o Outcome) *queue.Entry {
	if e.kept == nil || o.Err == errNotStored || o.Err == errStopped || o.Err == ErrMoved {
		return nil
	}
	entry := e.kept.entry
	e.kept.entry = nil
	return entry
}

// keepAttempt has the queue know that e will run again, and when.
func (s *Scheduler) keepAttempt(e *execution) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept != nil && e.kept.entry != nil {
		s.config.Queue.Again(e.kept.entry, e.attempt, e.later.until)
	}
}
