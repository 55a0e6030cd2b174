package scheduler

import (
	"context"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/clip"
)

// returnPatience is how long the next attempt is put off for a function that
// has not returned from the one before, which is out of time: two at once would
// be one too many. It is longer than a plugin's process may go on.
const returnPatience = 10 * time.Second

// attemptEnded is called when e's function has returned: e ends, or will run
// again.
func (s *Scheduler) attemptEnded(e *execution, o Outcome) {
	e.mu.Lock()
	l := e.later
	if l.lapsed && !e.decided { // it was out of time, and that has been dealt with
		waited := l.waited
		e.active, l.lapsed, l.waited = false, false, false
		if waited {
			s.readyLocked(e)
		}
		e.mu.Unlock()
		if waited {
			s.enqueue(e)
		}
		return
	}
	if e.overTimeLocked() {
		o = outOfTime(e)
	}
	if !e.mayRetryLocked(o) {
		e.mu.Unlock()
		s.end(e, o, byReturn)
		return
	}
	e.active = false
	backoff := s.backOffLocked(e)
	e.mu.Unlock()
	s.backOff(e, o, backoff)
}

// attemptOutOfTime is called when e's attempt of that number has taken as long
// as it may, unless it has returned in time.
func (s *Scheduler) attemptOutOfTime(e *execution, attempt uint32) {
	o := outOfTime(e)
	if e.later == nil {
		s.end(e, o, byOutcome)
		return
	}
	e.mu.Lock()
	if e.decided || e.attempt != attempt || e.state != Running {
		e.mu.Unlock()
		return
	}
	if !e.mayRetryLocked(o) {
		e.mu.Unlock()
		s.end(e, o, byOutcome)
		return
	}
	e.later.lapsed = true
	backoff := s.backOffLocked(e)
	e.mu.Unlock()
	s.slots.runsOn(e)
	s.backOff(e, o, backoff)
}

func (e *execution) mayRetryLocked(o Outcome) bool {
	policy := e.later.policy
	return !e.decided && policy != nil && policy.again(o, e.attempt)
}

// backOffLocked makes e wait for its next attempt and returns for how long. It
// waits like those that wait for others: half of the room is for what can run.
// It is in already, so nobody refuses it now, but those who come next.
func (s *Scheduler) backOffLocked(e *execution) time.Duration {
	s.running.Add(-1)
	s.pending.Add(1)
	s.retries.Add(1)
	j := e.openJournalLocked() // from here on it tells more than the outcome
	e.state, e.waits = Pending, true
	s.setAsideLocked(e)
	s.room.wait(e)
	e.stopTimerLocked()
	if e.cancelRun != nil {
		e.cancelRun()
		e.cancelRun = nil
	}
	backoff := e.later.policy.backoff(e.attempt)
	now := time.Now()
	e.later.until = now.Add(backoff)
	if j != nil {
		j.State(Pending, now)
	}
	return backoff
}

// backOff has e run again after a backoff.
func (s *Scheduler) backOff(e *execution, o Outcome, backoff time.Duration) {
	s.logRetry(e, o, backoff)
	e.journalRetry(o, backoff)
	s.keepAttempt(e)
	s.times.backoffs.Add(&e.later.again, e, s.times.backoffs.Now()+int64(backoff))
	s.checkWait(e, time.Now().Add(backoff))
	s.signalIfIdle() // a drain doesn't wait for one that is kept
}

// again is called when e's backoff is over.
func (s *Scheduler) again(e *execution) {
	e.mu.Lock()
	l := e.later
	ready := !e.decided && !l.lapsed
	switch {
	case ready:
		s.readyLocked(e)
	case !e.decided:
		l.waited = true
		attempt := e.attempt
		e.timer = time.AfterFunc(returnPatience, func() { s.neverReturned(e, attempt) })
	}
	e.mu.Unlock()
	if ready {
		s.enqueue(e)
	}
}

// neverReturned ends e, whose next attempt has been put off for long enough.
func (s *Scheduler) neverReturned(e *execution, attempt uint32) {
	e.mu.Lock()
	waits := e.attempt == attempt && e.later.lapsed
	e.mu.Unlock()
	if waits {
		s.end(e, outOfTime(e), byOutcome)
	}
}

// readyLocked is for one that may run again.
func (s *Scheduler) readyLocked(e *execution) {
	e.later.until = time.Time{}
	e.stopTimerLocked()
	s.stopWaitingLocked(e)
}

// logRetry tells operators of an attempt that has failed.
func (s *Scheduler) logRetry(e *execution, o Outcome, backoff time.Duration) {
	ctx, logger := context.Background(), s.config.Logger
	if !logger.Enabled(ctx, slog.LevelInfo) {
		return
	}
	attrs := []slog.Attr{
		slog.String("id", e.id), slog.String("method", e.task.Name), slog.Uint64("attempt", uint64(e.attempt)),
		slog.String("code", o.Err.Code.String()), slog.Duration("backoff", backoff),
	}
	if s.config.LogReasons || logger.Enabled(ctx, slog.LevelDebug) {
		attrs = append(attrs, slog.String("error", clip.Text(o.Err.Message, maxErrorLength)))
	}
	logger.LogAttrs(ctx, slog.LevelInfo, "task failed and will be tried again", attrs...)
}
