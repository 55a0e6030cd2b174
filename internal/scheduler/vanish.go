package scheduler

import "github.com/taskscheduler/taskscheduler/task"

// ErrMoved is what those are told who wait here for a task that another node has from
// now on.
var ErrMoved = task.Errorf(task.Unavailable, "the task goes on at another node; ask for it again, or submit it again")

// vanish takes e out of this scheduler without an end that counts. Its callers are
// told err; tasks that depend on it go on waiting, for an end on another node or for
// another submission. It does nothing to an e whose end is decided.
func (s *Scheduler) vanish(e *execution, err *task.Error, why reason) bool {
	o, decided := s.decide(e, failed(err), why)
	if !decided {
		return false
	}
	first := s.conclude(e, o, why)
	for x := first; x != nil; {
		next := x.next
		x.next, x.prev = nil, nil
		s.waitOn(x)
		x = next
	}
	return true
}

// waitOn has x's dependent wait for what x.id means now.
func (s *Scheduler) waitOn(x *edge) {
	s.graph.Lock() // its dependent is placed
	o, _, awaited := s.attachTo(x)
	s.graph.Unlock()
	if awaited != nil {
		s.follow(awaited)
	}
	if o.State.Ended() {
		s.notify(x, o, byOutcome)
		return
	}
	if x.dependent.isDecided() { // it may have taken leave of x before that
		s.detach(x)
	}
}

// GiveUp lets go of all tasks that the queue has: it was taken from this node, which
// others took for dead, and they have them. Those that run are stopped. It returns
// how many they are.
func (s *Scheduler) GiveUp() (n int) {
	s.contested.clear()
	for _, e := range s.table.all() {
		if e.isInQueue() && s.vanish(e, ErrMoved, byMoving) {
			n++
		}
	}
	return n
}

func (e *execution) isInQueue() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept != nil && e.kept.entry != nil
}
