package scheduler

import "context"

// Get returns a task's outcome as it is now; ok is false for an id that is not
// known, or not any more. The error is a [task.Error]: the store can't be read.
func (s *Scheduler) Get(ctx context.Context, id string) (o Outcome, ok bool, err error) {
	if e := s.table.find(id); e != nil {
		if o, ok = e.snapshot(); ok {
			return o, true, nil
		}
	}
	return s.outcomes.get(ctx, id)
}

// Wait returns a task's outcome once it has ended, or as it is after ctx has.
// While it waits, the task is not cancelled for want of callers. ok is false
// for an id that is not known; Wait does not wait for its submission. The error
// is a [task.Error]: the store can't be read, or failed to take the outcome.
func (s *Scheduler) Wait(ctx context.Context, id string) (o Outcome, ok bool, err error) {
	if e := s.table.find(id); e != nil {
		return e.wait(ctx)
	}
	return s.outcomes.get(ctx, id)
}

func (e *execution) wait(ctx context.Context) (o Outcome, ok bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.forgotten {
		done := e.doneLocked()
		e.waiters++
		e.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
		}
		e.mu.Lock()
		e.waiters--
	}
	switch {
	case e.goesOnLaterLocked():
		return Outcome{}, false, errStopped
	case !e.forgotten:
		return e.outcomeLocked(), true, nil
	case e.outcome.Err == errNotStored || e.outcome.Err == ErrMoved:
		return Outcome{}, false, e.outcome.Err
	default:
		return Outcome{}, false, nil
	}
}

// Cancellation is what came of a wish to cancel a task.
type Cancellation struct {
	// State is where the task stands now.
	State State
	// Done is true for the call that cancelled it.
	Done bool
	// Known is false for an id that is not known.
	Known bool
}

// Cancel cancels a task that has not ended: one that waits will not run, one
// that runs is told by its context, and is over for everyone else at once. The
// error is a [task.Error]: the store can't be read, or failed to take the
// outcome.
func (s *Scheduler) Cancel(ctx context.Context, id string) (Cancellation, error) {
	e := s.table.find(id)
	if e == nil {
		o, known, err := s.outcomes.get(ctx, id)
		return Cancellation{State: o.State, Known: known}, err
	}
	o := s.end(e, cancelled("the task was cancelled"), byOutcome)
	switch {
	case o.Err == errNotStored:
		return Cancellation{}, errNotStored
	case o.State.Ended():
		return Cancellation{State: o.State, Done: o.State == Cancelled, Known: true}, nil
	}
	o, known, err := e.wait(ctx) // its end is decided, and only the store may need time
	return Cancellation{State: o.State, Known: known}, err
}
