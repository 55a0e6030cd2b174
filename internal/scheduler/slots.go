package scheduler

import "sync"

// slots bounds how many tasks run at a time: all of them, and the sync ones
// among them. Who finds no slot waits in one of two queues; the one who has
// waited longest goes first, except that a sync task without a sync slot does
// not hold up async ones.
type slots struct {
	mu        sync.Mutex
	unlimited bool // there is no bound on all tasks
	free      int
	freeSync  int
	sync      queue
	async     queue
	ticket    uint64
}

// turn is an execution's place in a queue.
type turn struct {
	next, prev *execution
	ticket     uint64 // 0: not in a queue
}

func (s *slots) init(all, syncOnly int) {
	s.free, s.freeSync = all, syncOnly
	s.unlimited = all >= 1<<31 // more than any machine runs
}

// acquire takes a slot for e and reports whether there was one; otherwise e
// waits until a release returns it.
func (s *slots) acquire(e *execution) bool {
	if s.unlimited && e.task.Async {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queueOf(e)
	if q.first == nil && s.fits(e) {
		s.take(e)
		return true
	}
	s.ticket++
	q.push(e, s.ticket)
	return false
}

// withdraw removes e from its queue, if it is in one.
func (s *slots) withdraw(e *execution) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.turn.ticket != 0 {
		s.queueOf(e).remove(e)
	}
}

// release gives e's slot back and returns the execution, if any, that takes
// it: the caller must see that it runs.
func (s *slots) release(e *execution) *execution {
	if s.unlimited && e.task.Async {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	if !e.task.Async {
		s.freeSync++
	}
	next := s.sync.first
	if next == nil || !s.fits(next) || s.async.first != nil && s.async.first.turn.ticket < next.turn.ticket {
		next = s.async.first
	}
	if next == nil || !s.fits(next) {
		return nil
	}
	s.queueOf(next).remove(next)
	s.take(next)
	return next
}

func (s *slots) queueOf(e *execution) *queue {
	if e.task.Async {
		return &s.async
	}
	return &s.sync
}

func (s *slots) fits(e *execution) bool {
	return s.free > 0 && (e.task.Async || s.freeSync > 0)
}

func (s *slots) take(e *execution) {
	s.free--
	if !e.task.Async {
		s.freeSync--
	}
}

// queue is a list through the executions themselves, so that one who gives up
// leaves in constant time and leaves nothing behind.
type queue struct{ first, last *execution }

func (q *queue) push(e *execution, ticket uint64) {
	e.turn = turn{prev: q.last, ticket: ticket}
	if q.last == nil {
		q.first = e
	} else {
		q.last.turn.next = e
	}
	q.last = e
}

func (q *queue) remove(e *execution) {
	if e.turn.prev == nil {
		q.first = e.turn.next
	} else {
		e.turn.prev.turn.next = e.turn.next
	}
	if e.turn.next == nil {
		q.last = e.turn.prev
	} else {
		e.turn.next.turn.prev = e.turn.prev
	}
	e.turn = turn{}
}
