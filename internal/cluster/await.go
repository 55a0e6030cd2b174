package cluster

import (
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

const (
	// lookers is how many look into the store at the same time.
	lookers = 8
	// lookEvery is how often it is looked for ends of which no message came, and
	// lookMost for how many at a time: the others have their turn after them.
	lookEvery = 2 * time.Second
	lookMost  = 2000
)

// awaits are those who wait for the ends of tasks.
type awaits struct {
	mu      sync.Mutex
	changed sync.Cond
	all     map[*await]struct{}
	due     []*await // whose id is to be looked up
	closed  bool
}

// An await is one who waits.
type await struct {
	id   string
	done func(scheduler.Outcome)
	stop func() // nil: it is not there yet
	due  bool   // it is among those that are due
	over bool
}

func (w *awaits) init() {
	w.changed.L = &w.mu
	w.all = make(map[*await]struct{})
}

// Await implements [scheduler.Elsewhere].
func (c *Cluster) Await(id string, done func(scheduler.Outcome)) (stop func()) {
	w, a := &c.awaits, &await{id: id, done: done}
	quiet := c.config.OnStored(id, func() { w.mark(a) })
	w.mu.Lock()
	defer w.mu.Unlock()
	a.stop = quiet
	if w.closed {
		go quiet()
		return func() {}
	}
	w.all[a] = struct{}{}
	w.markLocked(a) // it may have ended before
	return func() { w.end(a) }
}

// mark has a's id looked up.
func (w *awaits) mark(a *await) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.markLocked(a)
}

func (w *awaits) markLocked(a *await) {
	if !a.due && !a.over && a.stop != nil && !w.closed {
		a.due = true
		w.due = append(w.due, a)
		w.changed.Signal()
	}
}

// end reports whether a had not ended before.
func (w *awaits) end(a *await) bool {
	w.mu.Lock()
	over := a.over
	a.over = true
	delete(w.all, a)
	w.mu.Unlock()
	if !over {
		a.stop()
	}
	return !over
}

// next waits for one that is due; nil: it is closed.
func (w *awaits) next() *await {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.due) == 0 && !w.closed {
		w.changed.Wait()
	}
	if w.closed {
		return nil
	}
	a := w.due[0]
	w.due[0] = nil
	w.due = w.due[1:]
	a.due = false
	return a
}

// close ends them all without a word.
func (w *awaits) close() {
	w.mu.Lock()
	w.closed = true
	left := w.all
	w.all = make(map[*await]struct{})
	w.changed.Broadcast()
	w.mu.Unlock()
	for a := range left {
		w.end(a)
	}
}

// look looks up what is due, until Close.
func (c *Cluster) look() {
	for a := c.awaits.next(); a != nil; a = c.awaits.next() {
		o, ended, err := c.config.Store.Get(c.alive, a.id)
		if err != nil || !ended { // it will be looked for again
			continue
		}
		if c.awaits.end(a) {
			go a.done(o)
		}
	}
}

// lookAgain has everything looked up from time to time, since messages may be lost.
func (c *Cluster) lookAgain() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.alive.Done():
			c.awaits.close()
			return
		case <-ticker.C:
			c.awaits.markSome()
		}
	}
}

func (w *awaits) markSome() {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for a := range w.all { // in no order, so that each has its turn
		if n++; n > lookMost {
			return
		}
		w.markLocked(a)
	}
}
