package scheduler

import (
	"math"
	"slices"
	"sync"
	"time"
)

// slots bounds how many tasks run at a time: all of them, and in each pool the
// sync ones. Who finds no slot waits in the lane of its method; a slot that is
// free goes to the lanes in turn.
//
// A slot is not held for ever. While someone waits whose method runs nowhere,
// a task that has held a slot for long goes on without it; so does a function that
// has not returned although its task has ended. Both run beyond the slots. A
// method that has as many running as its pool has slots waits until one of them
// returns, so what runs beyond is bounded: by the methods that there are.
type slots struct {
	start func(*execution) // runs it on a goroutine of its own; called with mu held

	mu        sync.Mutex
	unlimited bool // there is no bound on all tasks
	all       int  // how many more may run, of all kinds
	sync      pool
	async     pool                    // it has slots for everyone: only the bound on all counts
	remote    map[string]*remotePools // of the sync tasks that run elsewhere, by their source

	waiting []*lane // with someone in their queue; the first is next
	timer   *time.Timer
	armed   bool
	tick    uint32 // counts the timer's rounds
}

// longAfter is how long a slot may be held while others starve: one round of
// the timer at least and two at most.
const longAfter = 20 * time.Millisecond

func (s *slots) init(all, syncOnly int, start func(*execution)) {
	s.start = start
	s.all, s.unlimited = all, all >= 1<<31 // more than any machine runs
	s.sync.init(syncOnly)
	s.async.init(math.MaxInt)
	s.remote = make(map[string]*remotePools)
}

// poolLocked returns the pool in which e has what it has, or needs a slot.
func (s *slots) poolLocked(e *execution) *pool {
	switch {
	case e.turn.pool != nil:
		return e.turn.pool
	case e.task.Async:
		return &s.async
	case !e.task.Remote:
		return &s.sync
	}
	r := s.remote[e.task.Source]
	if r == nil {
		r = newRemotePools(s.sync.size)
		s.remote[e.task.Source] = r
	}
	return r.of(e.task)
}

// acquire takes a slot for e and reports whether there was one; otherwise e
// waits until a release returns it, or it is started.
func (s *slots) acquire(e *execution) bool {
	if s.unlimited && e.task.Async {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.poolLocked(e)
	if s.all > 0 && p.free > 0 && !p.full(e.task) {
		s.takeLocked(p, e)
		return true
	}
	l := p.laneOf(e.task)
	if l.queue.first == nil {
		s.waiting = append(s.waiting, l)
		s.armLocked()
	}
	l.queue.push(e)
	e.turn.phase, e.turn.lane, e.turn.pool = queued, l, p
	return false
}

// withdraw removes e from its queue, if it is in one.
func (s *slots) withdraw(e *execution) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.turn.phase == queued {
		s.dequeueLocked(e)
	}
}

// release gives back what e has and returns the execution, if any, that takes
// it: the caller must see that it runs.
func (s *slots) release(e *execution) (next *execution) {
	if s.unlimited && e.task.Async {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.turn.phase != overdue {
		s.all++
	}
	if e.task.Remote && !e.task.Async {
		s.remote[e.task.Source].took(e)
	}
	s.poolLocked(e).drop(e)
	for x := s.pickLocked(); x != nil; x = s.pickLocked() {
		if next == nil {
			next = x
		} else { // a lane that was full isn't any more
			s.start(x)
		}
	}
	return next
}

// runsOn is for a task that has ended while its function runs on: it does so
// beyond the slots.
func (s *slots) runsOn(e *execution) {
	if s.unlimited && e.task.Async {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.turn.phase != holding && e.turn.phase != long {
		return // it has returned
	}
	s.all++
	p := s.poolLocked(e)
	p.drop(e)
	p.exceed(e, overdue)
	s.startLocked()
}

// startLocked starts those who wait and need not.
func (s *slots) startLocked() {
	for e := s.pickLocked(); e != nil; e = s.pickLocked() {
		s.start(e)
	}
}

// pickLocked takes a slot for someone who waits: of the methods that have the
// fewest running beyond the slots, the first in turn.
func (s *slots) pickLocked() *execution {
	if s.all <= 0 {
		return nil
	}
	var best *lane
	for _, l := range s.waiting {
		if l.pool.free > 0 && (best == nil || l.beyond() < best.beyond()) && !l.full() {
			best = l
		}
	}
	if best == nil {
		return nil
	}
	return s.takeFirstLocked(best)
}

// takeFirstLocked takes a slot for the first in a lane's queue.
func (s *slots) takeFirstLocked(l *lane) *execution {
	e := l.queue.first
	s.dequeueLocked(e)
	s.takeLocked(l.pool, e)
	return e
}

func (s *slots) takeLocked(p *pool, e *execution) {
	s.all--
	p.free--
	p.holders.push(e)
	e.turn.phase, e.turn.tick, e.turn.pool = holding, s.tick, p
}

// dequeueLocked takes e out of its lane, which goes to the end of the turn.
func (s *slots) dequeueLocked(e *execution) {
	l := e.turn.lane
	l.queue.remove(e)
	e.turn = turn{}
	at := slices.Index(s.waiting, l)
	s.waiting = slices.Delete(s.waiting, at, at+1)
	if l.queue.first != nil {
		s.waiting = append(s.waiting, l)
	} else {
		l.pool.tidy(l)
	}
}

// armLocked sets the timer, which runs as long as someone waits.
func (s *slots) armLocked() {
	if s.armed {
		return
	}
	s.armed = true
	s.tick++
	if s.timer == nil {
		s.timer = time.AfterFunc(longAfter, s.relieve)
	} else {
		s.timer.Reset(longAfter)
	}
}

// relieve starts those who wait and whose method runs nowhere in the place of
// those who have held a slot for long.
func (s *slots) relieve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range slices.Clone(s.waiting) {
		p := l.pool
		oldest := p.holders.first
		if s.all <= 0 || l.running() > 0 || oldest == nil || oldest.turn.tick >= s.tick {
			continue
		}
		p.drop(oldest)
		p.exceed(oldest, long)
		s.start(s.takeFirstLocked(l))
	}
	s.armed = false
	if len(s.waiting) > 0 {
		s.armLocked()
	}
}
