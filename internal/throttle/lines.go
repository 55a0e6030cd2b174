package throttle

import (
	"sync"
	"time"
)

// Lines lets so many lines of a log through in a second, and so many bytes of
// them. Its methods may be called from many goroutines at a time.
type Lines struct {
	most, mostBytes int

	mu          sync.Mutex
	second      time.Time // when it began
	used, bytes int       // what was let through since
	dropped     int       // lines that were not
}

// NewLines returns one that lets through about so many lines, of about so many
// bytes together, in a second.
func NewLines(lines, bytes int) *Lines { return &Lines{most: lines, mostBytes: bytes} }

// Admit tells whether a line of that many bytes may pass now, and if it is the
// first of a second, how many were not let through in the one before.
func (l *Lines) Admit(size int) (allowed bool, dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.second) >= time.Second {
		dropped = l.dropped
		l.second, l.used, l.bytes, l.dropped = now, 0, 0, 0
	}
	if l.used >= l.most || l.bytes >= l.mostBytes {
		l.dropped++
		return false, dropped
	}
	l.used++
	l.bytes += size
	return true, dropped
}
