package scheduler

import (
	"github.com/taskscheduler/taskscheduler/task"
)

// waitlist is what an execution waits for. Guarded by the execution's lock,
// but for the edges' own rules.
type waitlist struct {
	edges   []edge
	missing int  // how many have not ended; one more while linking
	linking bool // not in the table yet: a failure waits until it is
	failure *task.Error
}

// edge says that dependent waits for dep. It lies in the dependent's waitlist
// and is a link of the dep's list.
type edge struct {
	// dep is set under the graph's and dep's shard's lock, and cleared under
	// the dependent's when dep has ended.
	dep        *execution
	dependent  *execution
	next, prev *edge // guarded by dep's lock while linked, as is linked itself
	linked     bool
	index      int
	id         string // dep's
}

// dependents is the list of edges that lead to an execution, oldest first.
type dependents struct{ first, last *edge }

func (d *dependents) push(x *edge) {
	x.prev, x.next, x.linked = d.last, nil, true
	if d.last == nil {
		d.first = x
	} else {
		d.last.next = x
	}
	d.last = x
}

func (d *dependents) remove(x *edge) {
	if !x.linked {
		return
	}
	if x.prev == nil {
		d.first = x.next
	} else {
		x.prev.next = x.next
	}
	if x.next == nil {
		d.last = x.prev
	} else {
		x.next.prev = x.prev
	}
	x.next, x.prev, x.linked = nil, nil, false
}

// takeAll empties the list and returns its first edge; the edges' pointers to
// each other are the caller's from now on.
func (d *dependents) takeAll() *edge {
	first := d.first
	for x := first; x != nil; x = x.next {
		x.linked = false
	}
	*d = dependents{}
	return first
}

// arrived records that what x waits for has ended; k holds its result. ready: it was the last
// one, so the dependent may run. fail: the dependent must fail with it.
func (s *Scheduler) arrived(x *edge, o Outcome, k *kept) (ready bool, fail *task.Error) {
	e := x.dependent
	e.mu.Lock()
	defer e.mu.Unlock()
	w := &e.dependencies
	if e.state.Ended() {
		return false, nil
	}
	x.dep = nil // it and its result need not stay in memory until e ends
	switch {
	case o.State != Succeeded:
		fail = dependencyError(x.id, o)
	case e.injectResults:
		fail = s.keepLocked(e, x.index, k)
	}
	switch {
	case fail != nil && w.linking:
		w.failure = fail
		return false, nil
	case fail != nil:
		return false, fail
	}
	w.missing--
	if w.missing == 0 && e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
	return w.missing == 0, nil
}

// dependencyError names the dependency but not its error's text: along a chain
// the text would grow with every task.
func dependencyError(id string, o Outcome) *task.Error {
	if o.State == Cancelled {
		return task.Errorf(task.FailedPrecondition, "dependency %q was cancelled", id)
	}
	return task.Errorf(task.FailedPrecondition, "dependency %q failed with %s", id, o.Err.Code)
}

// link makes e wait for its dependencies. A dependency that nobody has
// submitted is refused unless e may wait for it. The caller holds the graph's
// lock; after an error it calls abandon.
func (s *Scheduler) link(e *execution, ids []string, mayWait bool) *task.Error {
	if s.edges.Add(int64(len(ids))) > int64(s.config.MaxPending)*edgesPerTask {
		s.edges.Add(-int64(len(ids)))
		return task.Errorf(task.ResourceExhausted, "too many dependencies are being waited for; try again later")
	}
	e.dependencies = waitlist{edges: make([]edge, len(ids)), missing: len(ids) + 1, linking: true}
	if e.injectResults {
		e.kept = make([]*kept, len(ids))
	}
	for i, id := range ids {
		x := &e.dependencies.edges[i]
		x.dependent, x.index, x.id = e, i, id
		outcome, ended, known := s.linkOne(x, mayWait)
		switch {
		case !known:
			return task.Errorf(task.FailedPrecondition,
				"dependency %q is unknown; submit it first, or give dependency_timeout_ms to wait for it", id)
		case ended:
			_, _ = s.arrived(x, outcome, &kept{result: outcome.Result}) // settle acts on it, once e is in the table
		}
	}
	return nil
}

// linkOne finds what x.id means now: an execution that x is linked to from now
// on, an outcome, or nothing.
func (s *Scheduler) linkOne(x *edge, mayWait bool) (outcome Outcome, ended, known bool) {
	sh := s.table.shard(x.id)
	sh.Lock()
	defer sh.Unlock()
	dep := sh.executions[x.id]
	if dep != nil {
		if outcome, linked, alive := dep.accept(x, mayWait); alive {
			return outcome, !linked, linked || outcome.State.Ended()
		}
		sh.removeLocked(dep)
	}
	if outcome, ok := s.config.Results.Get(x.id); ok {
		return outcome, true, true
	}
	if !mayWait {
		return Outcome{}, false, false
	}
	dep = &execution{id: x.id}
	sh.insertLocked(dep)
	dep.accept(x, true)
	return Outcome{}, false, true
}

// accept links x to e, or returns the outcome that e has already. alive is
// false when e's callers went away, so that its id means nothing any more.
func (e *execution) accept(x *edge, mayWait bool) (o Outcome, linked, alive bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.forgotten:
		return Outcome{}, false, false
	case e.state.Ended():
		return e.outcome, false, true
	case e.task == nil && !mayWait:
		return Outcome{}, false, true
	}
	x.dep = e
	e.dependents.push(x)
	return Outcome{}, true, true
}

// unlink takes e out of the lists of those that it waits for, and forgets the
// ids that nobody waits for any more.
func (s *Scheduler) unlink(edges []edge) {
	s.edges.Add(-int64(len(edges)))
	for i := range edges {
		x := &edges[i]
		sh := s.table.shard(x.id)
		sh.Lock()
		if dep := x.dep; dep != nil {
			dep.mu.Lock()
			dep.dependents.remove(x)
			if dep.task == nil && dep.dependents.first == nil {
				sh.removeLocked(dep)
			}
			dep.mu.Unlock()
		}
		sh.Unlock()
	}
}

// abandon undoes what link did for e, which is refused.
func (s *Scheduler) abandon(e *execution) {
	e.mu.Lock()
	e.state = Cancelled // what it waits for may be ending right now
	edges := e.dependencies.edges
	e.dependencies = waitlist{}
	e.mu.Unlock()
	s.unlink(edges)
	s.dropKept(e)
}

// adopt gives e, which has just been submitted, those who waited for its id.
// The caller holds the graph's lock and the shard's.
func (e *execution) adopt(awaited *execution) {
	awaited.mu.Lock()
	defer awaited.mu.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	for x := awaited.dependents.first; x != nil; x = x.next {
		x.dep = e
	}
	e.dependents, awaited.dependents = awaited.dependents, dependents{}
}
