package scheduler

import (
	"context"
	"sync"

	"github.com/taskscheduler/taskscheduler/task"
)

// Sighting is what a node tells the others of a task that has not ended.
type Sighting struct {
	// Node is the node that has it.
	Node  string
	State State
	// WaitsFor are those of its dependencies that have not ended.
	WaitsFor []string
}

// Elsewhere is what this node knows of tasks on others. It is safe for concurrent
// use, and is called while no lock is held.
type Elsewhere interface {
	// Find looks for a task that another node has and that has not ended. It is
	// bounded by itself, ctx may only make it shorter; an error means that not every
	// node that could have it has answered.
	Find(ctx context.Context, id string) (Sighting, bool, error)
	// Await calls done once, on a goroutine of its own, when a task has ended on any
	// node, whether or not it has been submitted yet. After stop has returned, done may
	// still be called if it was about to be. Both return at once.
	Await(id string, done func(Outcome)) (stop func())
}

// Sight returns what other nodes may know of a task here that has not ended; ok is
// false for any other id.
func (s *Scheduler) Sight(id string) (sighting Sighting, ok bool) {
	e := s.table.find(id)
	if e == nil {
		return Sighting{}, false
	}
	s.graph.Lock() // or what its edges lead to might change
	defer s.graph.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.forgotten || e.state.Ended() {
		return Sighting{}, false
	}
	sighting = Sighting{Node: s.config.Node, State: e.state}
	for i := range e.dependencies.edges {
		if x := &e.dependencies.edges[i]; x.dep != nil {
			sighting.WaitsFor = append(sighting.WaitsFor, x.id)
		}
	}
	return sighting, true
}

// followed are the awaited executions whose ends other nodes may tell.
type followed struct {
	mu    sync.Mutex
	stops map[*execution]func()
}

// follow has an id that is waited for here, and that nobody has submitted here, end
// when it does on another node.
func (s *Scheduler) follow(awaited *execution) {
	if s.config.Elsewhere == nil {
		return
	}
	stop := s.config.Elsewhere.Await(awaited.id, func(o Outcome) { s.endedElsewhere(awaited, o) })
	s.followed.mu.Lock()
	if s.followed.stops == nil {
		s.followed.stops = make(map[*execution]func())
	}
	s.followed.stops[awaited] = stop
	s.followed.mu.Unlock()
	if !s.table.has(awaited) { // any more
		s.unfollow(awaited)
	}
}

// unfollow is called when an id is not waited for any more, or was submitted here.
func (s *Scheduler) unfollow(awaited *execution) {
	if s.config.Elsewhere == nil {
		return
	}
	s.followed.mu.Lock()
	stop := s.followed.stops[awaited]
	delete(s.followed.stops, awaited)
	s.followed.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// endedElsewhere moves those who wait for an id that has ended on another node.
func (s *Scheduler) endedElsewhere(awaited *execution, o Outcome) {
	if !s.table.drop(awaited) { // it has been submitted here
		return
	}
	s.unfollow(awaited)
	awaited.mu.Lock()
	awaited.state, awaited.outcome = o.State, o
	first := awaited.dependents.takeAll()
	awaited.mu.Unlock()
	s.notify(first, o, byOutcome)
}

// findElsewhere looks for what x's dependent may not wait for unless some node has it.
// found: another node has it. Otherwise it has ended with an outcome, or is unknown.
func (s *Scheduler) findElsewhere(ctx context.Context, x *edge) (found bool, o Outcome, err error) {
	if s.config.Elsewhere == nil {
		return false, Outcome{}, nil
	}
	_, found, missed := s.config.Elsewhere.Find(ctx, x.id)
	if found || s.config.Claims == nil {
		return found, Outcome{}, nil
	}
	c, err := s.outcomes.holder(ctx, x.id) // it isn't stale, and comes last: the task may just have ended
	switch {
	case err != nil:
		return false, Outcome{}, err
	case c.Ended || c.Holder != "":
		return c.Holder != "", c.Outcome, nil
	case missed != nil && ctx.Err() != nil:
		return false, Outcome{}, gone(ctx)
	case missed != nil:
		return false, Outcome{}, task.Errorf(task.Unavailable,
			"dependency %q can't be looked for: a node does not answer; try again", x.id)
	}
	return false, Outcome{}, nil
}
