// Package throttle bounds how much of something passes in a second, and counts
// what does not.
package throttle

import (
	"sync"
	"time"
)

// A Throttle lets so many things through in a second. Its methods may be called
// from many goroutines at a time.
type Throttle struct {
	most int

	mu      sync.Mutex
	second  time.Time // when it began
	used    int       // what was let through since
	dropped int       // and what was not
}

// New returns a Throttle that lets through about as many things in a second.
func New(most int) *Throttle { return &Throttle{most: most} }

// Admit tells whether n things may pass now, all or none, and if they are the
// first of a second, how many were not let through in the one before.
func (t *Throttle) Admit(n int) (allowed bool, dropped int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); now.Sub(t.second) >= time.Second {
		dropped = t.dropped
		t.second, t.used, t.dropped = now, 0, 0
	}
	if t.used >= t.most {
		t.dropped += n
		return false, dropped
	}
	t.used += n
	return true, dropped
}

// Rest returns how long it is until something may pass again; 0 is now.
func (t *Throttle) Rest() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.used < t.most {
		return 0
	}
	return max(0, time.Until(t.second.Add(time.Second)))
}
