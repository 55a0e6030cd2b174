package scheduler

import (
	"context"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/clip"
)

// reason says why an execution is to end.
type reason int

const (
	byOutcome  reason = iota // it is cancelled, out of time, or a dependency failed
	byReturn                 // its function has returned
	byWaiting                // it waited too long, if a dependency is missing
	byLeaving                // its caller left, if nobody else wants it; it is not stored
	byRefusing               // the batch that it came with is refused; nothing of it is stored or told
	byMoving                 // another node has it; it is not stored, and those who depend on it wait on
	byStopping               // the server stops; it is not stored, since it hasn't run to its end
)

// end ends e with an outcome, unless its end is decided already. It returns the
// outcome that e has ended with, which is not a final one if it did not do it.
// Those who wait for e move on.
func (s *Scheduler) end(e *execution, o Outcome, why reason) (ended Outcome) {
	first, ended := s.endAlone(e, o, why)
	s.notify(first, ended, why)
	return ended
}

// leave is for a blocking caller who goes away. If nobody else wants the task,
// it is cancelled and its id is free again.
func (s *Scheduler) leave(e *execution) {
	e.mu.Lock()
	e.submitters--
	e.mu.Unlock()
	s.end(e, cancelled("the caller went away"), byLeaving)
}

// endAlone is end without the dependents: it returns the first of the edges to
// be told.
func (s *Scheduler) endAlone(e *execution, o Outcome, why reason) (first *edge, ended Outcome) {
	o, decided := s.decide(e, o, why)
	if !decided {
		return nil, Outcome{}
	}
	if why == byLeaving || why == byStopping || why == byRefusing {
		return s.conclude(e, o, why), o
	}
	o.Node = s.config.Node
	stored, held := s.storeEnd(e, o)
	if held || s.mustStore(e, stored) {
		go s.endLater(e, o, why, held)
		return nil, Outcome{}
	}
	return s.conclude(e, stored, why), stored
}

// storeEnd stores e's outcome, as [outcomes.create] does.
func (s *Scheduler) storeEnd(e *execution, o Outcome) (stored Outcome, held bool) {
	if !s.outcomes.instant && e.unattended() {
		return s.outcomes.createInTurn(e.id, o)
	}
	return s.outcomes.create(e.id, o)
}

// decide settles that e ends with o and, if it waits or runs, stops that. It
// returns o with its attempt. decided is false if e's end was decided before,
// or the reason isn't one.
func (s *Scheduler) decide(e *execution, o Outcome, why reason) (_ Outcome, decided bool) {
	e.mu.Lock()
	if why == byReturn {
		s.returnedLocked(e)
		if e.overTimeLocked() { // and its timer is late, on a machine with too much to do
			o = outOfTime(e)
		}
	}
	if !e.mayEndLocked(why) {
		vacates := why == byReturn && e.state.Ended() // else the one who ends it will see that it isn't active
		e.mu.Unlock()
		if vacates {
			s.dropInjected(e)
			s.vacate(e)
		}
		return Outcome{}, false
	}
	o.Attempt = e.attempt
	if e.later != nil {
		s.keepLetterLocked(e, o, why)
	}
	e.decided, e.args = true, nil
	e.forgotten = why == byLeaving || why == byRefusing || why == byMoving // at once: nobody may join it any more
	s.stopWaitingLocked(e)
	s.notAsideLocked(e)
	timer, cancelRun, queued, runsOn := e.timer, e.cancelRun, e.state == Pending, e.active
	e.timer, e.cancelRun = nil, nil
	if runsOn && why != byStopping {
		e.timer = time.AfterFunc(overdueAfter, func() { s.isOverdue(e) })
	}
	e.mu.Unlock()

	if timer != nil {
		timer.Stop()
	}
	if cancelRun != nil {
		cancelRun()
	}
	s.times.remove(e)
	switch {
	case queued:
		s.slots.withdraw(e)
	case runsOn:
		s.slots.runsOn(e)
	}
	return o, true
}

// mayEndLocked reports whether a reason is one to end e.
func (e *execution) mayEndLocked(why reason) bool {
	switch {
	case e.decided:
		return false
	case why == byLeaving:
		return !e.wantedLocked()
	case why == byWaiting:
		return e.dependencies.missing > 0
	default:
		return true
	}
}

// returnedLocked takes in that e's function has returned.
func (s *Scheduler) returnedLocked(e *execution) {
	e.active = false
	if e.overdue {
		e.overdue = false
		s.overdue.remove(e)
	}
	if e.decided && e.timer != nil { // isOverdue's
		e.timer.Stop()
	}
}

// conclude makes the one transition to a final state, when the store has the
// outcome, and returns the first of the edges to be told.
func (s *Scheduler) conclude(e *execution, o Outcome, why reason) (first *edge) {
	e.mu.Lock()
	if e.state == Running {
		s.running.Add(-1)
	} else {
		s.pending.Add(-1)
	}
	e.state, e.outcome, e.ended = o.State, o, e.now()
	e.forgotten = e.forgotten || o.Err == errNotStored
	entry := e.takeEntryLocked(o)
	edges, active := e.dependencies.edges, e.active
	e.dependencies = waitlist{}
	goesOn := e.goesOnLaterLocked()
	if e.journal != nil && !goesOn { // before its id leads to the store alone
		e.journal.End(e.state, e.ended)
	}
	first = e.dependents.takeAll()
	e.mu.Unlock()

	if why != byStopping { // of those nothing knows but the table
		s.table.remove(e)
	}
	if e.later != nil {
		s.sendLetter(e, o)
	}
	if entry != nil { // after the letter, which must not be lost
		s.config.Queue.Done(entry)
	}
	s.unlink(e, edges)
	switch {
	case goesOn: // it has not failed
		s.goOn.Add(1)
	case why != byRefusing && why != byMoving:
		s.report(e, o, edges)
	}
	if !active { // else its function gives the room back when it returns
		s.dropInjected(e)
		s.vacate(e)
	}
	e.tell()
	if why == byLeaving || why == byRefusing || o.Err == errNotStored {
		s.releaseEnded(e)
	}
	return first
}

// overTimeLocked reports whether e has run for as long as it may.
func (e *execution) overTimeLocked() bool {
	return e.executionTimeout > 0 && time.Since(e.started) >= e.executionTimeout
}

// wantedLocked reports whether anyone waits for e, or would miss it.
func (e *execution) wantedLocked() bool {
	return e.pinned || e.submitters > 0 || e.waiters > 0 || e.dependents.first != nil
}

// unattended reports whether nobody waits for e itself.
func (e *execution) unattended() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.submitters == 0 && e.waiters == 0
}

// report tells those who watch that e has ended. The log gets a line for each
// failed task, and at debug level for the others. Error texts may quote
// arguments, so they are for the debug level too, unless the operator wants them.
func (s *Scheduler) report(e *execution, o Outcome, edges []edge) {
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
	x.Deps = idsOf(edges)
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
	if o.Err != nil && (s.config.LogReasons || logger.Enabled(ctx, slog.LevelDebug)) {
		attrs = append(attrs, slog.String("error", clip.Text(o.Err.Message, maxErrorLength)))
	}
	logger.LogAttrs(ctx, level, message, attrs...)
}
