package scheduler

import (
	"context"
	"log/slog"
	"time"
)

// finish ends e with an outcome, unless it has ended already, and reports
// whether it did. Those who wait for e move on.
func (s *Scheduler) finish(e *execution, o Outcome) bool {
	first, ended := s.end(e, o, remember)
	s.passOn(first, o)
	return ended
}

// conclude is finish for when the function has returned: the run that began is
// over whatever ended the task.
func (s *Scheduler) conclude(e *execution, o Outcome) {
	first, _ := s.end(e, o, afterRun)
	s.passOn(first, o)
}

// leave is for a blocking caller who goes away. If nobody else wants the task,
// it is cancelled and its id is free again.
func (s *Scheduler) leave(e *execution) {
	e.mu.Lock()
	e.submitters--
	e.mu.Unlock()
	s.end(e, cancelled("the caller went away"), forget)
}

// ending says why an execution ends.
type ending int

const (
	remember ending = iota
	afterRun        // remember, and the function has returned
	expire          // remember, if a dependency is missing
	forget          // if nobody wants it
)

// passOn tells the dependents along the list from first, and theirs if they
// fail, that the execution they wait for has ended.
func (s *Scheduler) passOn(first *edge, o Outcome) {
	type news struct {
		first   *edge
		outcome Outcome
	}
	if first == nil {
		return
	}
	for work := []news{{first, o}}; len(work) > 0; {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		k := &kept{result: n.outcome.Result}
		for x := n.first; x != nil; {
			next := x.next
			x.next, x.prev = nil, nil // or each would keep the others in memory
			ready, fail := s.arrived(x, n.outcome, k)
			if ready {
				s.enqueue(x.dependent)
			}
			if fail != nil {
				outcome := failed(fail)
				if first, _ := s.end(x.dependent, outcome, remember); first != nil {
					work = append(work, news{first, outcome})
				}
			}
			x = next
		}
	}
}

// end makes the one transition to a final state. It returns the first of the
// edges to be told, and whether this call ended e.
func (s *Scheduler) end(e *execution, o Outcome, how ending) (first *edge, ended bool) {
	e.mu.Lock()
	if how == afterRun {
		e.active = false
	}
	if e.state.Ended() {
		e.mu.Unlock()
		if how == afterRun {
			s.dropKept(e)
			s.dismiss(e)
		}
		return nil, false
	}
	if how == forget && e.wantedLocked() || how == expire && e.dependencies.missing == 0 {
		e.mu.Unlock()
		return nil, false
	}
	if e.state == Running {
		s.running.Add(-1)
	} else {
		s.pending.Add(-1)
	}
	wasPending, active := e.state == Pending, e.active
	e.state, e.outcome, e.forgotten, e.args, e.ended = o.State, o, how == forget, nil, time.Now()
	timer, cancelRun, edges := e.timer, e.cancelRun, e.dependencies.edges
	e.timer, e.cancelRun, e.dependencies = nil, nil, waitlist{}
	first = e.dependents.takeAll()
	if how != forget {
		s.config.Results.Put(e.id, o)
	}
	if e.done != nil {
		close(e.done)
	}
	e.mu.Unlock()

	s.table.remove(e)
	if timer != nil {
		timer.Stop()
	}
	if cancelRun != nil {
		cancelRun()
	}
	if len(edges) > 0 {
		s.unlink(edges)
	}
	if wasPending {
		s.slots.withdraw(e)
	}
	s.report(e, o)
	if !active {
		s.dropKept(e)
		s.dismiss(e) // last: Drain waits for it
	}
	return first, true
}

// wantedLocked reports whether anyone waits for e, or would miss it.
func (e *execution) wantedLocked() bool {
	return e.pinned || e.submitters > 0 || e.waiters > 0 || e.dependents.first != nil
}

// report tells those who watch that e has ended. The log gets a line for each
// failed task, and at debug level for the others. Error texts may quote
// arguments, so they are for the debug level too.
func (s *Scheduler) report(e *execution, o Outcome) {
	ctx, logger := context.Background(), s.config.Logger
	level, message := slog.LevelWarn, "task failed"
	if o.State != Failed {
		level, message = slog.LevelDebug, "task ended"
	}
	logs := logger.Enabled(ctx, level)
	if !logs && s.config.Ended == nil {
		return
	}
	x := e.describe()
	if s.config.Ended != nil {
		s.config.Ended(x)
	}
	if !logs {
		return
	}
	attrs := []slog.Attr{
		slog.String("id", e.id), slog.String("method", e.task.Name),
		slog.String("code", x.Code.String()), slog.Duration("duration", x.Duration()),
	}
	if o.Err != nil && logger.Enabled(ctx, slog.LevelDebug) {
		attrs = append(attrs, slog.String("error", o.Err.Message))
	}
	logger.LogAttrs(ctx, level, message, attrs...)
}
