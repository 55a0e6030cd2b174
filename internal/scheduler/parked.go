package scheduler

import (
	"math"
	"sync"
	"time"
)

// parked are things that can't go on yet. From time to time they are looked at again,
// those first that have waited longest; one look is over before the next begins.
type parked[T any] struct {
	every time.Duration
	most  int // that are looked at together
	// look has those go on that can, and returns the others.
	look func(some []T) (left []T)
	over func() bool // nothing is looked at any more

	mu      sync.Mutex
	waiting []T
	timer   *time.Timer // nil: nothing waits, or it is over
}

// allAtOnce is for those of which all are looked at together.
const allAtOnce = math.MaxInt

func (p *parked[T]) init(every time.Duration, most int, over func() bool, look func([]T) []T) {
	p.every, p.most, p.over, p.look = every, most, over, look
}

func (p *parked[T]) add(one T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = append(p.waiting, one)
	p.armLocked()
}

func (p *parked[T]) armLocked() {
	if p.timer == nil && len(p.waiting) > 0 && !p.over() {
		p.timer = time.AfterFunc(p.every, p.lookAgain)
	}
}

func (p *parked[T]) lookAgain() {
	p.mu.Lock()
	n := min(len(p.waiting), p.most)
	some := p.waiting[:n:n]
	p.waiting = p.waiting[n:]
	p.mu.Unlock()
	left := p.look(some)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.waiting = left
	} else {
		p.waiting = append(p.waiting, left...)
	}
	p.timer = nil
	p.armLocked()
}

// clear forgets them all.
func (p *parked[T]) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = nil
}

// stop ends the looking, for good once it is over.
func (p *parked[T]) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}
