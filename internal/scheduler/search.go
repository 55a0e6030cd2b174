package scheduler

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Bounds of a search for a cycle over several nodes. What is beyond them is found
// by nobody: such a cycle ends by its timeouts.
const (
	maxFinds    = 100   // questions to other nodes
	findsAtOnce = 16    // of these
	maxSteps    = 10000 // ids looked at
	searchTime  = 2 * time.Second
)

// leadsAbroad reports whether e, which is linked and not placed, waits for an id that
// nobody has submitted here, directly or by way of others.
func (s *Scheduler) leadsAbroad(e *execution) bool {
	for i := range e.dependencies.edges {
		if s.pointsAbroad(&e.dependencies.edges[i]) {
			return true
		}
	}
	return false
}

func (s *Scheduler) pointsAbroad(x *edge) bool {
	sh := s.table.shard(x.id)
	sh.Lock()
	defer sh.Unlock()
	dep := x.target()
	return dep != nil && (dep.awaited() || dep.abroad)
}

// wideSearch is a search for a cycle over several nodes, from a task that was placed
// along what it waits for. Each node places a task before it searches: of those who
// close a cycle together, the last one sees all others.
type wideSearch struct {
	s     *Scheduler
	from  string
	by    map[string]string // a task that waits for an id; what was not looked at isn't there
	finds int
}

// refuseWideCycle refuses e, which is placed, if it waits for itself by way of other
// nodes.
func (s *Scheduler) refuseWideCycle(ctx context.Context, e *execution) error {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	search := wideSearch{s: s, from: e.id, by: make(map[string]string)}
	level, closed := search.step(nil, e.id, s.waitsForHere(e))
	for !closed && len(level) > 0 && len(search.by) < maxSteps && ctx.Err() == nil {
		level, closed = search.next(ctx, level)
	}
	if closed {
		return cycleError(search.path())
	}
	return nil
}

func (s *Scheduler) waitsForHere(e *execution) []string {
	sighting, _ := s.Sight(e.id)
	return sighting.WaitsFor
}

// next goes one step along from the ids of a level.
func (w *wideSearch) next(ctx context.Context, level []string) (next []string, closed bool) {
	var others []string
	for _, id := range level {
		switch e := w.s.table.find(id); {
		case e == nil:
			others = append(others, id)
		case !e.abroad: // all that it waits for is here, and has been looked at
		default:
			if next, closed = w.step(next, id, w.s.waitsForHere(e)); closed {
				return nil, true
			}
		}
	}
	others = others[:min(len(others), maxFinds-w.finds)]
	w.finds += len(others)
	for chunk := range slices.Chunk(others, findsAtOnce) {
		waitsFor := make([][]string, len(chunk))
		var all sync.WaitGroup
		for i, id := range chunk {
			all.Go(func() {
				sighting, _, _ := w.s.config.Elsewhere.Find(ctx, id) // what can't be asked is not in the search
				waitsFor[i] = sighting.WaitsFor
			})
		}
		all.Wait()
		for i, id := range chunk {
			if next, closed = w.step(next, id, waitsFor[i]); closed {
				return nil, true
			}
		}
	}
	return next, false
}

// step adds to next what a task waits for and was not seen before. closed: that is
// where the search came from.
func (w *wideSearch) step(next []string, id string, waitsFor []string) (_ []string, closed bool) {
	for _, dep := range waitsFor {
		if _, seen := w.by[dep]; seen {
			continue
		}
		w.by[dep] = id
		if dep == w.from {
			return nil, true
		}
		next = append(next, dep)
	}
	return next, false
}

// path returns the cycle that was found.
func (w *wideSearch) path() []step {
	path := []step{{at: &execution{id: w.from}}}
	for id := w.by[w.from]; id != w.from; id = w.by[id] {
		path = append(path, step{at: &execution{id: id}})
	}
	slices.Reverse(path[1:]) // it was followed backwards
	return path
}
