package scheduler

import (
	"sync"
	"time"
)

// contested are tasks in this node's queue whose ids other living nodes have claimed:
// they were submitted there once more. When such a node has ended one, it is over here
// too; when that node gives it up, it runs here. Others are about to end here.
type contested struct {
	mu      sync.Mutex
	waiting []*restoration
	timer   *time.Timer
}

// contestsAtOnce is how many are looked at in each claimAgain.
const contestsAtOnce = 256

func (c *contested) add(s *Scheduler, one *restoration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, one)
	c.armLocked(s)
}

func (c *contested) armLocked(s *Scheduler) {
	if c.timer == nil && len(c.waiting) > 0 && !s.draining.Load() {
		c.timer = time.AfterFunc(claimAgain, func() { c.look(s) })
	}
}

// look tries to go on with those that have waited longest.
func (c *contested) look(s *Scheduler) {
	c.mu.Lock()
	n := min(len(c.waiting), contestsAtOnce)
	some := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	c.mu.Unlock()
	_ = inParallel(some, func(one **restoration) error {
		s.takeOver(*one)
		return nil
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer = nil
	c.armLocked(s)
}

// clear forgets them all: others have them.
func (c *contested) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = nil
}

// stop ends the looking, for good once the scheduler is draining.
func (c *contested) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}
