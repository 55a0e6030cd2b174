package scheduler

import (
	"cmp"

	"github.com/taskscheduler/taskscheduler/task"
)

// waitlist is what an execution waits for. Guarded by the execution's lock,
// but for the edges' own rules.
type waitlist struct {
	edges   []edge
	failure *task.Error
	missing int32 // how many have not ended; one more while linking
	linking bool  // not in the table yet: a failure waits until it is
}

// arrived records that what x waits for has ended; r holds its result. ready:
// it was the last one, so the dependent may run. fail: the dependent must fail
// with it.
func (s *Scheduler) arrived(x *edge, o Outcome, r *injected) (ready bool, fail *task.Error) {
	e := x.dependent
	e.mu.Lock()
	defer e.mu.Unlock()
	w := &e.dependencies
	if e.decided {
		return false, nil
	}
	x.dep = nil // it and its result need not stay in memory until e ends
	switch {
	case o.State != Succeeded:
		fail = dependencyError(x.id, o)
	case e.injectResults:
		fail = s.injectLocked(e, x.index, r)
	}
	switch {
	case fail != nil && w.linking:
		w.failure = fail
		return false, nil
	case fail != nil:
		return false, fail
	}
	w.missing--
	if w.missing > 0 {
		return false, nil
	}
	if e.startsLater() {
		return false, nil
	}
	s.stopWaitingLocked(e)
	e.stopTimerLocked()
	return true, nil
}

// failed is how e ends for want of a dependency.
func (e *execution) failed(err *task.Error, why reason) Outcome {
	e.mu.Lock()
	defer e.mu.Unlock()
	if why == byStopping && e.kept != nil {
		return stopped() // the next process has both
	}
	return failed(err)
}

// dependencyError names the dependency but not its error's text: along a chain
// the text would grow with every task.
func dependencyError(id string, o Outcome) *task.Error {
	switch {
	case o.Err == errStopped:
		return task.Errorf(task.Unavailable, "dependency %q did not run: the server stops; submit both again, to another one", id)
	case o.Err == errNotStored:
		return task.Errorf(task.Unavailable, "the outcome of dependency %q could not be stored; submit both again", id)
	case o.State == Cancelled:
		return task.Errorf(task.FailedPrecondition, "dependency %q was cancelled%s", id, onNode(o.Node))
	default:
		return task.Errorf(task.FailedPrecondition, "dependency %q failed%s with %s", id, onNode(o.Node), o.Err.Code)
	}
}

// onNode says where something was, where there are several nodes.
func onNode(node string) string {
	if node == "" {
		return ""
	}
	return " on node " + node
}

// linked is called when e, which was linked, is in the table: from now on its
// dependencies move it, and it waits for them for a time.
func (s *Scheduler) linked(e *execution) {
	e.mu.Lock()
	w := &e.dependencies
	w.linking = false
	w.missing--
	failure, decided, later := w.failure, e.decided, e.startsLater()
	ready := w.missing == 0 && !later
	switch {
	case ready:
		s.stopWaitingLocked(e)
	case failure == nil && !decided && !later:
		s.boundWaitLocked(e)
	}
	e.mu.Unlock()
	switch {
	case decided:
	case failure != nil:
		s.end(e, failed(failure), byOutcome)
	case later:
		s.waitToStart(e)
	case ready:
		s.enqueue(e)
	}
}

// expire fails e if it still waits for dependencies.
func (s *Scheduler) expire(e *execution) {
	s.end(e, failed(task.Errorf(task.DeadlineExceeded, "the dependencies have not ended within %s",
		cmp.Or(e.dependencyTimeout, s.config.DependencyTimeout))), byWaiting)
}

// notify tells the dependents along the list from first, and theirs if they
// fail, that the execution they wait for has ended.
func (s *Scheduler) notify(first *edge, o Outcome, why reason) {
	type news struct {
		first   *edge
		outcome Outcome
	}
	if why != byStopping {
		why = byOutcome
	}
	if first == nil {
		return
	}
	for work := []news{{first, o}}; len(work) > 0; {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		r := &injected{result: n.outcome.Result}
		for x := n.first; x != nil; {
			next := x.next
			x.next, x.prev = nil, nil // or each would keep the others in memory
			ready, fail := s.arrived(x, n.outcome, r)
			switch e := x.dependent; {
			case ready:
				s.enqueue(e)
			case fail == nil:
			case s.outcomes.instant: // a chain of them does not recurse
				if first, outcome := s.endAlone(e, e.failed(fail, why), why); first != nil {
					work = append(work, news{first, outcome})
				}
			default: // they need not wait for each other's storing
				s.cascade.add(func() { s.end(e, e.failed(fail, why), why) })
			}
			x = next
		}
	}
}
