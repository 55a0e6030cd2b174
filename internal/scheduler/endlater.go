package scheduler

import (
	"context"
	"time"
)

// claimAgain is how long after a claim was in vain, or the store has failed, it is tried
// again.
const claimAgain = time.Second

// mustStore tells whether e's outcome is to be stored though that has failed: e was
// accepted for good, so its id can't be free again, and as long as this process lives
// nobody else runs it once more.
func (s *Scheduler) mustStore(e *execution, stored Outcome) bool {
	if stored.Err != errNotStored {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept != nil
}

// endLater ends e, whose end is decided, once the store has an outcome of it.
//
// held: another node has claimed its id; this one was taken for dead. What that one
// tells of the task is what counts. If it tells nothing, because its callers have left,
// o counts.
func (s *Scheduler) endLater(e *execution, o Outcome, why reason, held bool) {
	if held {
		s.config.Logger.Info("another node has taken a task over; its outcome counts", "id", e.id, "method", e.task.Name)
	}
	for over := false; !over; {
		select {
		case <-time.After(claimAgain):
		case <-s.over: // the next process runs it once more, if it is kept
			o, why, over = stopped(), byStopping, true
			continue
		}
		if held {
			c, err := s.outcomes.claim(context.Background(), e.id)
			switch {
			case err != nil || c.Holder != "":
				continue
			case c.Ended:
				o, over = c.Outcome, true
				continue
			}
		}
		var stored Outcome
		if stored, held = s.storeEnd(e, o); !held && !s.mustStore(e, stored) {
			o, over = stored, true
		}
	}
	s.notify(s.conclude(e, o, why), o, why)
}
