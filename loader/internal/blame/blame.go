// Package blame finds out which calls of a plugin make its process crash: those
// that were in it each time when it died.
//
// One crash doesn't show which of many calls caused it. So a call becomes a
// suspect when it was there, is cleared when one with the same task and
// arguments succeeds, and is refused for a while when it was there three times.
package blame

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

const (
	// enough crashes make a call refused.
	enough = 3
	// memory is how long after its last crash a call is a suspect, or refused.
	memory = 10 * time.Minute
	// most suspects that are remembered; what comes beyond is not.
	most = 4096
)

// A Log remembers suspects. The zero Log is empty and ready to use; its methods
// may be called from many goroutines at a time, and cost next to nothing as long
// as nothing has crashed.
type Log struct {
	count atomic.Int64 // of suspects

	mu       sync.Mutex
	suspects map[Call]suspect
	newest   time.Time // when one was last seen in a crash
}

type suspect struct {
	crashes int
	last    time.Time
}

// Crashed notes that these calls were in a process when it died.
func (l *Log) Crashed(calls []Call) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.suspects == nil {
		l.suspects = make(map[Call]suspect)
	}
	for call, s := range l.suspects {
		if now.Sub(s.last) >= memory {
			delete(l.suspects, call)
		}
	}
	l.newest = now
	counted := make(map[Call]bool, len(calls)) // two of a kind are in one crash
	for _, call := range calls {
		s, known := l.suspects[call]
		if counted[call] || !known && len(l.suspects) >= most {
			continue
		}
		counted[call] = true
		l.suspects[call] = suspect{crashes: s.crashes + 1, last: now}
	}
	l.count.Store(int64(len(l.suspects)))
}

// Succeeded clears a call.
func (l *Log) Succeeded(name string, args []task.Value) {
	if l.count.Load() == 0 {
		return
	}
	call := CallOf(name, args)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.suspects, call)
	l.count.Store(int64(len(l.suspects)))
}

// Refused tells whether a call had better not be made, and until when.
func (l *Log) Refused(name string, args []task.Value) (until time.Time, refused bool) {
	if l.count.Load() == 0 {
		return time.Time{}, false
	}
	if l.outdated() {
		return time.Time{}, false
	}
	call := CallOf(name, args)
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.suspects[call]
	until = s.last.Add(memory)
	return until, s.crashes >= enough && time.Now().Before(until)
}

// outdated tells whether the last crash was too long ago for anything of it to
// matter. Then it clears all calls, or each one would be compared with them for
// ever.
func (l *Log) outdated() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.newest) < memory {
		return false
	}
	l.forgetLocked()
	return true
}

// Forget clears all calls: other code answers them from now on.
func (l *Log) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgetLocked()
}

func (l *Log) forgetLocked() {
	clear(l.suspects)
	l.count.Store(0)
}
