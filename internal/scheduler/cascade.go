package scheduler

import (
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/elastic"
)

// mostEnders is how many executions of a cascade end at a time.
const mostEnders = 64

// A cascade ends executions that fail with what they depend on, where each has
// to wait for the store: so many at a time, however many depend on one.
type cascade struct {
	mu      sync.Mutex
	waiting elastic.Queue[func()]
	enders  int
}

func (c *cascade) add(end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting.Push(end)
	if c.enders < mostEnders {
		c.enders++
		go c.work()
	}
}

func (c *cascade) work() {
	for {
		c.mu.Lock()
		if c.waiting.Len() == 0 {
			c.enders--
			c.mu.Unlock()
			return
		}
		end := c.waiting.Pop()
		c.mu.Unlock()
		end()
	}
}
