package scheduler

import (
	"strconv"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// maxSearch bounds the steps of one search for a cycle: everyone who submits a
// task with dependencies waits for it.
const maxSearch = 100_000

// step is a place on the path from a task along what it waits for.
type step struct {
	at   *execution
	next int // the edge to go on with
}

// refuseCycle refuses e if it would wait for itself. Only a task whose id
// others wait for already, as awaited, can close a cycle. Those who begin to
// wait for it now are not placed yet and will look for themselves. The caller
// holds the graph's lock and has linked e.
func (s *Scheduler) refuseCycle(e, awaited *execution) error {
	if awaited == nil {
		return nil
	}
	s.searches++
	path := []step{{at: e}}
	for range maxSearch {
		if len(path) == 0 {
			return nil
		}
		last := &path[len(path)-1]
		dep, more := last.at.waitsFor(last.next)
		last.next++
		switch {
		case !more:
			path = path[:len(path)-1]
		case dep == awaited:
			return cycleError(path)
		case dep != nil && dep.search != s.searches:
			dep.search = s.searches
			path = append(path, step{at: dep})
		}
	}
	return task.Errorf(task.ResourceExhausted,
		"task %q is waited for and itself waits, directly or not, for too many: submit dependencies first", e.id)
}

// waitsFor returns dependency i, which is nil when it has ended; more is false
// when e has no more than i.
func (e *execution) waitsFor(i int) (dep *execution, more bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i >= len(e.dependencies.edges) {
		return nil, false
	}
	return e.dependencies.edges[i].dep, true
}

// cycleError shows a cycle's first ids; a long one is cut.
func cycleError(path []step) error {
	const shown = 10
	var ids []string
	for _, step := range path[:min(len(path), shown)] {
		ids = append(ids, strconv.Quote(step.at.id))
	}
	if len(path) > shown {
		ids = append(ids, "…")
	} else {
		ids = append(ids, ids[0])
	}
	return task.Errorf(task.FailedPrecondition, "dependency cycle: %s", strings.Join(ids, " → ")) // "a → b": a waits for b
}
