package scheduler

import (
	"slices"
	"strconv"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// waitlist is what an execution waits for. Guarded by the execution's lock,
// but for the edges' own rules.
type waitlist struct {
	edges   []edge
	results []string // by dependency, for those who want them injected
	missing int      // how many have not ended; one more while linking
	linking bool     // not in the table yet: a failure waits until it is
	failure *task.Error
}

// edge says that dependent waits for dep. It lies in the dependent's waitlist
// and is a link of the dep's list.
type edge struct {
	dep        *execution // changes under the graph's and dep's shard's lock
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

// takeAll empties the list and returns its first edge; the edges' next
// pointers are the caller's from now on.
func (d *dependents) takeAll() *edge {
	first := d.first
	for x := first; x != nil; x = x.next {
		x.linked = false
	}
	*d = dependents{}
	return first
}

// arrived records that dependency i of e has ended. ready: it was the last
// one, so e may run. fail: e must fail with it.
func (e *execution) arrived(i int, id string, o Outcome) (ready bool, fail *task.Error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := &e.dependencies
	switch {
	case e.state.Ended():
		return false, nil
	case o.State == Succeeded:
		if e.injectResults {
			w.results[i] = o.Result
		}
		w.missing--
		if w.missing == 0 && e.timer != nil {
			e.timer.Stop()
			e.timer = nil
		}
		return w.missing == 0, nil
	}
	fail = dependencyError(id, o)
	if w.linking {
		w.failure = fail
		return false, nil
	}
	return false, fail
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
// lock; after an error it calls unlink.
func (s *Scheduler) link(e *execution, ids []string, mayWait bool) *task.Error {
	if s.edges.Add(int64(len(ids))) > int64(s.config.MaxPending)*edgesPerTask {
		s.edges.Add(-int64(len(ids)))
		return task.Errorf(task.ResourceExhausted, "too many dependencies are being waited for; try again later")
	}
	e.dependencies = waitlist{edges: make([]edge, len(ids)), missing: len(ids) + 1, linking: true}
	if e.injectResults {
		e.dependencies.results = make([]string, len(ids))
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
			_, _ = e.arrived(i, id, outcome) // settle acts on it, once e is in the table
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

// cycle returns the ids along which e, which awaited stands for until now,
// would wait for itself; nil when it would not. The caller holds the graph's
// lock. Only who waits for an id that nobody has submitted can close a cycle.
func (e *execution) cycle(awaited *execution) []string {
	type step struct {
		at   *execution
		from *step
	}
	visited := map[*execution]bool{}
	work := []*step{{at: e}}
	for len(work) > 0 {
		s := work[len(work)-1]
		work = work[:len(work)-1]
		if s.at == awaited {
			path := []string{e.id}
			for s = s.from; s.from != nil; s = s.from {
				path = append(path, s.at.id)
			}
			return append(path, e.id)
		}
		for _, dep := range s.at.waitsFor() {
			if !visited[dep] {
				visited[dep] = true
				work = append(work, &step{at: dep, from: s})
			}
		}
	}
	return nil
}

func (e *execution) waitsFor() []*execution {
	e.mu.Lock()
	defer e.mu.Unlock()
	var deps []*execution
	for i := range e.dependencies.edges {
		if dep := e.dependencies.edges[i].dep; dep != nil {
			deps = append(deps, dep)
		}
	}
	return deps
}

// cycleError shows a cycle's first ids; a long one is cut.
func cycleError(path []string) *task.Error {
	const shown = 10
	var steps []string
	for i, id := range slices.Backward(path) { // "a → b": a waits for b
		if len(path)-1-i == shown {
			steps = append(steps, "…")
			break
		}
		steps = append(steps, strconv.Quote(id))
	}
	return task.Errorf(task.FailedPrecondition, "dependency cycle: %s", strings.Join(steps, " → "))
}
