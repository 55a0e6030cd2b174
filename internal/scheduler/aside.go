package scheduler

import "github.com/taskscheduler/taskscheduler/task"

// errStopped is how a task ends for those who wait for it when the process stops.
// One that is kept goes on in the next one.
var errStopped = task.Errorf(task.Unavailable, "the server stopped before the task ended")

// setAsideLocked counts e among those that a drain doesn't wait for, if it is kept.
func (s *Scheduler) setAsideLocked(e *execution) {
	if e.kept != nil {
		e.kept.aside = true
		s.aside.Add(1)
	}
}

// notAsideLocked is called when e begins or ends.
func (s *Scheduler) notAsideLocked(e *execution) {
	if e.kept != nil && e.kept.aside {
		e.kept.aside = false
		s.aside.Add(-1)
	}
}

// leftForLaterLocked reports whether e, which is kept and could begin, doesn't now:
// it isn't sure that it is this node's, or it is left to the next process, since this one
// drains and nobody waits here.
func (s *Scheduler) leftForLaterLocked(e *execution) bool {
	awaited := e.submitters > 0 || e.waiters > 0 || e.dependents.first != nil
	if e.turnAwayLocked() || s.holdBackLocked(e) || s.draining.Load() && !awaited {
		return true
	}
	s.notAsideLocked(e)
	return false
}

// unfinished is how many tasks a drain waits for.
func (s *Scheduler) unfinished() int64 { return s.room.tasks.Load() - s.aside.Load() }

// goesOnLaterLocked reports whether e was stopped and goes on in the next process.
func (e *execution) goesOnLaterLocked() bool { return e.kept != nil && e.outcome.Err == errStopped }

// isAside reports whether a drain doesn't wait for e.
func (e *execution) isAside() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept != nil && e.kept.aside
}
