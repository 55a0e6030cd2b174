package scheduler

import "github.com/taskscheduler/taskscheduler/task"

// order checks what no state of the scheduler could make right, and sorts the
// tasks so that each comes after those of the batch that it depends on.
func (b *batch) order() error {
	b.sorted = make([]int, 0, len(b.requests))
	linked := false
	for i := range b.requests {
		if err := b.s.check(&b.requests[i]); err != nil {
			return &BatchError{Index: i, Err: task.ErrorOf(err)}
		}
		linked = linked || len(b.requests[i].Deps) > 0
		b.sorted = append(b.sorted, i)
	}
	if !linked {
		return nil
	}
	b.nameAll()
	b.sorted = b.sorted[:0]
	dependents, missing := b.edges()
	for i := range b.requests {
		if missing[i] == 0 {
			b.sorted = append(b.sorted, i)
		}
	}
	for at := 0; at < len(b.sorted); at++ {
		for _, i := range dependents[b.sorted[at]] {
			if missing[i]--; missing[i] == 0 {
				b.sorted = append(b.sorted, i)
			}
		}
	}
	if len(b.sorted) == len(b.requests) {
		return nil
	}
	return b.cycle(missing)
}

// nameAll makes byID.
func (b *batch) nameAll() {
	b.byID = make(map[string]int, len(b.requests))
	for i := range b.requests {
		if id := b.requests[i].ID; id != "" {
			if _, twice := b.byID[id]; !twice {
				b.byID[id] = i
			}
		}
	}
}

// edges returns for each task those of the batch that depend on it, and how
// many of the batch it depends on itself.
func (b *batch) edges() (dependents [][]int, missing []int) {
	dependents, missing = make([][]int, len(b.requests)), make([]int, len(b.requests))
	for i := range b.requests {
		for _, id := range b.requests[i].Deps {
			if dep, ok := b.byID[id]; ok {
				dependents[dep] = append(dependents[dep], i)
				missing[i]++
			}
		}
	}
	return dependents, missing
}

// cycle names a cycle among the tasks that still miss others: each of them has
// one that does too, so following these leads into it.
func (b *batch) cycle(missing []int) error {
	at := 0
	for missing[at] == 0 {
		at++
	}
	first := at
	var path []step
	seen := make(map[int]int)
	for {
		if start, again := seen[at]; again {
			return &BatchError{Index: first, Err: task.ErrorOf(cycleError(path[start:]))}
		}
		seen[at] = len(path)
		path = append(path, step{at: &execution{id: b.requests[at].ID}})
		for _, id := range b.requests[at].Deps {
			if dep, ok := b.byID[id]; ok && missing[dep] > 0 {
				at = dep
				break
			}
		}
	}
}
