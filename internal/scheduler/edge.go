package scheduler

// edge says that dependent waits for dep. It lies in the dependent's waitlist
// and is a link of the dep's list.
type edge struct {
	// dep is set under dep's shard's lock, by placeInGraph under the graph's
	// too, and cleared under the dependent's when dep has ended.
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

// accept links x to e, or returns the outcome that e has already. alive is
// false when e's id means nothing any more.
func (e *execution) accept(x *edge) (o Outcome, alive bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.forgotten:
		return Outcome{}, false
	case e.state.Ended():
		return e.outcome, true
	}
	x.dep = e
	e.dependents.push(x)
	return Outcome{}, true
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

// target returns what x's dependent waits for; nil when that has ended.
func (x *edge) target() *execution {
	x.dependent.mu.Lock()
	defer x.dependent.mu.Unlock()
	return x.dep
}

// idsOf returns the ids of what edges lead to; nil for none.
func idsOf(edges []edge) []string {
	if len(edges) == 0 {
		return nil
	}
	ids := make([]string, len(edges))
	for i := range edges {
		ids[i] = edges[i].id
	}
	return ids
}
