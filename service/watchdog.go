package service

import (
	"sync"
	"time"
)

// patience is how long a stream's leader may be in one task before another
// goroutine goes on reading: at most twice as long.
const patience = time.Millisecond

// watchdog looks at the leaders of all streams. It has a goroutine only while
// there are streams, and that sleeps while nothing comes in on any of them.
type watchdog struct {
	mu       sync.Mutex
	sessions map[*session]uint64 // and the step at the last visit
	running  bool
	stopped  chan struct{}
}

func (w *watchdog) add(x *session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sessions == nil {
		w.sessions = make(map[*session]uint64)
	}
	w.sessions[x] = 0
	if !w.running {
		w.running, w.stopped = true, make(chan struct{})
		go w.watch(w.stopped)
	}
}

func (w *watchdog) remove(x *session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sessions, x)
	if len(w.sessions) == 0 {
		close(w.stopped)
		w.running = false
	}
}

// watch visits the sessions: often while there is something to see, rarely when
// there was nothing for a while. A stream that has slept is seen a little late.
func (w *watchdog) watch(stopped chan struct{}) {
	const rarely = 16 * patience
	pause := patience
	for {
		select {
		case <-stopped:
			return
		case <-time.After(pause):
		}
		if w.visit() {
			pause = patience
		} else {
			pause = min(2*pause, rarely)
		}
	}
}

// visit takes the lead from who is in the same task as last time. It reports
// whether there was anything to see.
func (w *watchdog) visit() (busy bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for x, before := range w.sessions {
		step := x.lead.Load()
		if step != before {
			w.sessions[x] = step
			busy = true
			continue
		}
		if step%2 == 1 {
			x.takeOver(step)
			busy = true
		}
	}
	return busy
}
