package scheduler

import "context"

// Get returns a task's outcome as it is now; ok is false for an id that is not
// known, or not any more.
func (s *Scheduler) Get(id string) (o Outcome, ok bool) {
	if e := s.table.find(id); e != nil {
		if o, ok = e.snapshot(); ok {
			return o, true
		}
	}
	return s.config.Results.Get(id)
}

// Wait returns a task's outcome once it has ended, or as it is when ctx ends.
// While it waits, the task is not cancelled for want of callers. ok is false
// for an id that is not known; Wait does not wait for its submission.
func (s *Scheduler) Wait(ctx context.Context, id string) (o Outcome, ok bool) {
	e := s.table.find(id)
	if e == nil || e.task == nil {
		return s.config.Results.Get(id)
	}
	e.mu.Lock()
	if e.forgotten {
		e.mu.Unlock()
		return Outcome{}, false
	}
	done := e.doneLocked()
	e.waiters++
	e.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
	}
	e.mu.Lock()
	e.waiters--
	e.mu.Unlock()
	return e.snapshot()
}

// Cancel cancels a task that has not ended: one that waits will not run, one
// that runs is told by its context, and is over for everyone else at once.
// done is true for the call that did it, state is where the task stands
// now, and known is false for an id that is not.
func (s *Scheduler) Cancel(id string) (done bool, state State, known bool) {
	if e := s.table.find(id); e != nil && e.task != nil {
		done = s.finish(e, cancelled("the task was cancelled"))
	}
	o, known := s.Get(id)
	if done { // even if nobody remembers it any more
		return true, Cancelled, true
	}
	return false, o.State, known
}
