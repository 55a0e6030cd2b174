package scheduler

import (
	"sync"
	"time"
)

// unsure are kept tasks that could begin while it isn't sure that they are still this
// node's. They begin when it is, or others have them.
type unsure struct {
	mu         sync.Mutex
	executions []*execution
	timer      *time.Timer
}

// sureAgain is how often it is looked whether they are.
const sureAgain = 100 * time.Millisecond

// holdBackLocked reports whether e, which is kept and could begin, may not now.
func (s *Scheduler) holdBackLocked(e *execution) bool {
	if s.config.Sure == nil || s.config.Sure() {
		return false
	}
	u := &s.unsure
	u.mu.Lock()
	defer u.mu.Unlock()
	u.executions = append(u.executions, e)
	u.armLocked(s)
	return true
}

func (u *unsure) armLocked(s *Scheduler) {
	if u.timer == nil && !s.draining.Load() {
		u.timer = time.AfterFunc(sureAgain, func() { u.look(s) })
	}
}

// look has them begin if they are this node's. Those that others have are decided.
func (u *unsure) look(s *Scheduler) {
	sure := s.config.Sure()
	u.mu.Lock()
	u.timer = nil
	if !sure {
		u.armLocked(s)
		u.mu.Unlock()
		return
	}
	executions := u.executions
	u.executions = nil
	u.mu.Unlock()
	for _, e := range executions {
		if !e.isDecided() {
			s.enqueue(e)
		}
	}
}

// stop ends the looking, for good once the scheduler is draining.
func (u *unsure) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.timer != nil {
		u.timer.Stop()
		u.timer = nil
	}
}
