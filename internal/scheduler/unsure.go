package scheduler

import "time"

// Unsure are kept tasks that could begin while it isn't sure that they are still this
// node's. They begin when it is, or others have them.

// sureAgain is how often it is looked whether they are.
const sureAgain = 100 * time.Millisecond

// holdBackLocked reports whether e, which is kept and could begin, may not now.
func (s *Scheduler) holdBackLocked(e *execution) bool {
	if s.config.Sure == nil || s.config.Sure() {
		return false
	}
	s.unsure.add(e)
	return true
}

// beginSure has them begin if they are this node's. Those that others have are decided.
func (s *Scheduler) beginSure(waiting []*execution) (left []*execution) {
	if !s.config.Sure() {
		return waiting
	}
	for _, e := range waiting {
		if !e.isDecided() {
			s.enqueue(e)
		}
	}
	return nil
}
