package scheduler

import (
	"context"
	"time"
)

// Drain refuses new tasks, for good, and returns nil when those admitted have
// ended, but for those that are kept and have not begun: other nodes have them,
// or the next process. When ctx ends first, the tasks that are left fail with UNAVAILABLE,
// and Drain returns the number of them and ctx's error; functions that don't
// heed their context may still run then. Those whose time to start, or whose
// next attempt, comes after ctx's deadline fail so at once, and are counted
// too. Known ids are answered all the while.
func (s *Scheduler) Drain(ctx context.Context) (left int, err error) {
	s.draining.Store(true)
	defer s.endOver()
	defer s.tellKept()
	s.HandOver(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		left = s.stopLater(deadline)
	}
	s.strangers.stop()
	s.contested.stop()
	s.unsure.stop()
	for s.unfinished() > 0 {
		select {
		case <-s.idle:
		case <-ctx.Done():
			return left + s.stopAll(), ctx.Err()
		}
	}
	s.signalIdle() // to another Drain
	s.stopAll()    // those that are kept
	return left, nil
}

// stopLater fails what waits for a time after the deadline, and from now on what
// is to wait so.
func (s *Scheduler) stopLater(deadline time.Time) (n int) {
	s.times.stopAt.Store(deadline.UnixNano())
	backoffs := s.times.backoffs
	waiting := append(s.times.starts.After(deadline.UnixNano()), backoffs.After(backoffs.Now()+int64(time.Until(deadline)))...)
	for _, e := range waiting {
		aside := e.isAside()
		if s.end(e, stopped(), byStopping).State.Ended() && !aside {
			n++
		}
	}
	return n
}

// tellKept tells how many tasks were stopped that go on in the next process, or at
// another node.
func (s *Scheduler) tellKept() {
	if n := s.goOn.Load(); n > 0 {
		s.config.Logger.Info("accepted tasks that have not ended are kept", "tasks", n)
	}
}

func stopped() Outcome { return failed(errStopped) }

func (s *Scheduler) signalIfIdle() {
	if s.draining.Load() && s.unfinished() <= 0 {
		s.signalIdle()
	}
}

func (s *Scheduler) signalIdle() {
	select {
	case s.idle <- struct{}{}:
	default: // it has been said
	}
}

// stopAll fails what has not ended. All fail with the same error, so those who
// wait for others are not told of those: they are among all.
func (s *Scheduler) stopAll() (n int) {
	o := stopped()
	for _, e := range s.table.all() {
		aside := e.isAside()
		if _, o := s.endAlone(e, o, byStopping); o.State.Ended() && !aside {
			n++
		}
	}
	return n
}

// Draining reports whether new tasks are refused.
func (s *Scheduler) Draining() bool { return s.draining.Load() || s.paused.Load() }

// Pause makes the scheduler refuse new tasks, or take them again. Unlike
// [Scheduler.Drain], whose refusal stays, it doesn't wait.
func (s *Scheduler) Pause(paused bool) { s.paused.Store(paused) }
