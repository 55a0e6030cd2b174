package scheduler

import "context"

// A Waiter is told what came of its submission.
type Waiter interface {
	// Placed is called once, before Answered: when others may depend on the task, or
	// it is refused. It must be as quick.
	Placed()
	// Answered is called once, with what [Scheduler.Submit] would have returned,
	// by the goroutine that ended the task: it must be quick, and must not call
	// the Scheduler.
	Answered(receipt Receipt, err error)
}

// Awaited is a submission whose answer is still to come.
type Awaited struct {
	scheduler *Scheduler
	execution *execution
	waiter    Waiter
	joined    bool
	// Guarded by the execution's lock.
	at   int  // its place in the execution's list
	over bool // answered, or its caller has left
}

// SubmitThen is Submit for a caller who doesn't wait: w is told instead, before
// SubmitThen returns or later. A sync task that nothing holds up still runs on
// the caller's goroutine. The result is nil if w has been told; a caller who
// goes away before that calls its Leave.
func (s *Scheduler) SubmitThen(ctx context.Context, request Request, w Waiter) *Awaited {
	e, found, err := s.admitOrFind(ctx, &request)
	w.Placed()
	for err == nil && found != nil {
		if a, ok := s.joinThen(ctx, found, &request, w); ok {
			return a
		}
		e, found, err = s.admitOrFind(ctx, &request)
	}
	if err != nil {
		w.Answered(Receipt{}, err)
		return nil
	}
	return s.startThen(e, &request, w)
}

// startThen is start for a caller who doesn't wait.
func (s *Scheduler) startThen(e *execution, request *Request, w Waiter) *Awaited {
	if s.keeps(request) {
		return s.startKeptThen(e, request, w)
	}
	hasDependencies := len(request.Deps) > 0
	if request.Detached {
		s.startApart(e, hasDependencies)
		w.Answered(Receipt{ID: e.id}, nil) // Pending, however far it is by now
		return nil
	}
	if !hasDependencies && e.runsAtOnce() && s.acquire(e) {
		if next := s.run(e); next != nil {
			go s.work(next)
		}
		return s.tellLater(e, w)
	}
	a := s.tellLater(e, w)
	if !hasDependencies && e.runsAtOnce() {
		return a // it is in the queue for a slot already
	}
	s.startApart(e, hasDependencies)
	return a
}

// runsAtOnce reports whether e's function is one to be called on the goroutine
// that submits it, though others wait there: it keeps a core busy, and nothing
// could interrupt it anyway.
func (e *execution) runsAtOnce() bool {
	return !e.task.Async && !e.task.Interruptible && e.executionTimeout == 0 && e.later == nil
}

// startApart starts e, but not on the caller's goroutine.
func (s *Scheduler) startApart(e *execution, hasDependencies bool) {
	switch {
	case hasDependencies:
		s.linked(e)
	case e.startsLater():
		s.waitToStart(e)
	default:
		s.enqueue(e)
	}
}

// joinThen is join for a caller who doesn't wait.
func (s *Scheduler) joinThen(ctx context.Context, found *known, request *Request, w Waiter) (a *Awaited, ok bool) {
	e := found.execution
	if e != nil && request.Durable && s.keeps(request) {
		if ok, err := s.joinKept(ctx, e); err != nil { // which takes a moment, if it is not kept yet
			w.Answered(Receipt{}, err)
			return nil, true
		} else if !ok {
			s.table.remove(e)
			return nil, false
		}
	}
	if e != nil && !request.Detached {
		e.mu.Lock()
		forgotten := e.forgotten
		if !forgotten {
			e.submitters++
		}
		e.mu.Unlock()
		if forgotten {
			s.table.remove(e)
			return nil, false
		}
		request.drop()
		if a = s.tellLater(e, w); a != nil {
			a.joined = true
		}
		return a, true
	}
	receipt, ok, err := s.join(context.Background(), found, request) // which has nothing to wait for
	if ok {
		w.Answered(receipt, err)
	}
	return nil, ok
}

// tellLater tells w when e has ended, or now if it has.
func (s *Scheduler) tellLater(e *execution, w Waiter) *Awaited {
	e.mu.Lock()
	if !e.told {
		defer e.mu.Unlock()
		a := &Awaited{scheduler: s, execution: e, waiter: w, at: len(e.awaiting)}
		e.awaiting = append(e.awaiting, a)
		return a
	}
	receipt := Receipt{ID: e.id, Outcome: e.outcome}
	e.mu.Unlock()
	w.Answered(receipt, nil)
	return nil
}

// Joined reports whether another submission brought the task: this one takes
// none of the room that tasks have.
func (a *Awaited) Joined() bool { return a.joined }

// Leave is for a caller who goes away: the waiter is not told any more, and the
// task is cancelled unless someone else wants it. It does nothing if the waiter
// has been told.
func (a *Awaited) Leave() {
	e := a.execution
	e.mu.Lock()
	over := a.over
	if !over {
		e.forgetAwaitingLocked(a)
	}
	e.mu.Unlock()
	if !over {
		a.scheduler.leave(e)
	}
}

// forgetAwaitingLocked takes a out of those who are to be told, or a task that
// runs for long would remember everyone who ever asked for it.
func (e *execution) forgetAwaitingLocked(a *Awaited) {
	a.over = true
	last := len(e.awaiting) - 1
	e.awaiting[a.at] = e.awaiting[last]
	e.awaiting[a.at].at = a.at
	e.awaiting[last] = nil
	e.awaiting = e.awaiting[:last]
}

// takeAwaitingLocked returns those who are to be told that e has ended.
func (e *execution) takeAwaitingLocked() []*Awaited {
	all := e.awaiting
	for _, a := range all {
		a.over = true
	}
	e.awaiting = nil
	return all
}
