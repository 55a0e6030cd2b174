package scheduler

import "context"

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
