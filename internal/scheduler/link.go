package scheduler

import (
	"context"

	"github.com/taskscheduler/taskscheduler/task"
)

// link makes e, which is not in the table yet, wait for its dependencies. One
// that nobody has submitted is refused unless e may wait for it. After an error
// the caller abandons e.
func (s *Scheduler) link(ctx context.Context, e *execution, request *Request) error {
	ids := request.Deps
	if err := s.room.takeEdges(e, int64(len(ids))); err != nil {
		if !e.isRestored() {
			return err
		}
		s.room.forceEdges(e, int64(len(ids)))
	}
	e.dependencies = waitlist{edges: make([]edge, len(ids)), missing: int32(len(ids)) + 1, linking: true}
	if e.injectResults {
		e.injected = make([]*injected, len(ids))
	}
	for i, id := range ids {
		x := &e.dependencies.edges[i]
		x.dependent, x.index, x.id = e, i, id
		_, comes := request.alongside[id]
		if err := s.linkOne(ctx, x, comes || request.DependencyTimeout > 0 || e.isRestored()); err != nil {
			return err
		}
	}
	e.abroad = s.config.Elsewhere != nil && s.leadsAbroad(e)
	return nil
}

// linkOne makes x's dependent wait for x.id, or takes the outcome that it has
// already. The edge comes first, and leads to an awaited execution if there is
// no other: whatever happens to the id while the store is asked is told to it.
func (s *Scheduler) linkOne(ctx context.Context, x *edge, mayWait bool) error {
	outcome, submitted := s.attach(x)
	switch {
	case outcome.State.Ended():
		s.inherit(x, outcome)
		return nil
	case submitted:
		return nil
	}
	outcome, ended, err := s.outcomes.get(ctx, x.id)
	switch {
	case err != nil:
		return err
	case ended:
		if s.detach(x) {
			s.inherit(x, outcome)
		}
	case !mayWait && s.isAwaited(x):
		return s.mustBeElsewhere(ctx, x)
	}
	return nil
}

// mustBeElsewhere refuses x's dependent unless another node has what it waits for, or
// had it.
func (s *Scheduler) mustBeElsewhere(ctx context.Context, x *edge) error {
	found, outcome, err := s.findElsewhere(ctx, x)
	switch {
	case err != nil:
		return err
	case outcome.State.Ended():
		if s.detach(x) {
			s.inherit(x, outcome)
		}
	case !found && s.isAwaited(x):
		return task.Errorf(task.FailedPrecondition,
			"dependency %q is unknown; submit it first, or give dependency_timeout_ms to wait for it", x.id)
	}
	return nil
}

// inherit takes the outcome that x.id had before x's dependent was placed:
// [Scheduler.linked] acts on it.
func (s *Scheduler) inherit(x *edge, o Outcome) {
	_, _ = s.arrived(x, o, &injected{result: o.Result})
}

// attach links x to what its id means now, or returns the outcome that this
// has already.
func (s *Scheduler) attach(x *edge) (o Outcome, submitted bool) {
	o, submitted, awaited := s.attachTo(x)
	if awaited != nil {
		s.follow(awaited)
	}
	return o, submitted
}

// attachTo is attach that also returns what it made for an id without a task.
func (s *Scheduler) attachTo(x *edge) (o Outcome, submitted bool, awaited *execution) {
	sh := s.table.shard(x.id)
	sh.Lock()
	defer sh.Unlock()
	if dep, _ := sh.executions.Get(x.id); dep != nil {
		if o, alive := dep.accept(x); alive {
			return o, !dep.awaited(), nil
		}
	}
	dep := &execution{id: x.id}
	sh.executions.Set(x.id, dep)
	dep.accept(x)
	return Outcome{}, false, dep
}

// detach takes x out of the list that it is in, and reports whether it was in
// one: otherwise it is told of the end, or was. An id that nobody waits for any
// more is dropped.
func (s *Scheduler) detach(x *edge) bool {
	var dropped *execution
	defer func() {
		if dropped != nil {
			s.unfollow(dropped)
		}
	}()
	sh := s.table.shard(x.id)
	sh.Lock()
	defer sh.Unlock()
	dep := x.target()
	if dep == nil {
		return false
	}
	dep.mu.Lock()
	defer dep.mu.Unlock()
	linked := x.linked
	dep.dependents.remove(x)
	if dep.awaited() && dep.dependents.first == nil {
		sh.removeLocked(dep)
		dropped = dep
	}
	return linked
}

// isAwaited reports whether nobody has submitted what x waits for.
func (s *Scheduler) isAwaited(x *edge) bool {
	sh := s.table.shard(x.id)
	sh.Lock()
	defer sh.Unlock()
	dep := x.target()
	return dep != nil && dep.awaited()
}

// unlink takes the edges of e, which has ended, out of the lists that they
// are in.
func (s *Scheduler) unlink(e *execution, edges []edge) {
	if len(edges) == 0 {
		return
	}
	s.room.giveEdges(e, int64(len(edges)))
	for i := range edges {
		if x := &edges[i]; x.dependent != nil {
			s.detach(x)
		}
	}
}

// abandon undoes what link did for e, which is refused.
func (s *Scheduler) abandon(e *execution) {
	e.mu.Lock()
	e.decided = true // what it waits for may be ending right now
	edges := e.dependencies.edges
	e.dependencies = waitlist{}
	e.mu.Unlock()
	s.unlink(e, edges)
	s.dropInjected(e)
}
