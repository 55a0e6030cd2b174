package process

import (
	"sync"
	"time"
)

// linesPerSecond is how much of what a library prints, and as much again of what
// it logs, the server's log gets.
const linesPerSecond = 200

// A limiter lets so many things through in a second.
type limiter struct {
	most int

	mu      sync.Mutex
	second  time.Time // when it began
	used    int       // what was let through since
	dropped int       // and what was not
}

// admit tells whether n things may pass now, and if they are the first of a
// second, how many were not let through in the one before.
func (l *limiter) admit(n int) (allowed bool, dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.second) >= time.Second {
		dropped = l.dropped
		l.second, l.used, l.dropped = now, 0, 0
	}
	if l.used >= l.most {
		l.dropped += n
		return false, dropped
	}
	l.used += n
	return true, dropped
}

// rest returns how long it is until something may pass again; 0 is now.
func (l *limiter) rest() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used < l.most {
		return 0
	}
	return max(0, time.Until(l.second.Add(time.Second)))
}
