package timetable

// queue is a heap of entries, for package heap.
type queue[T any] struct{ entries []*Entry[T] }

// Len is how many there are.
func (q *queue[T]) Len() int { return len(q.entries) }

// Less tells whether an entry comes before another.
func (q *queue[T]) Less(i, j int) bool {
	a, b := q.entries[i], q.entries[j]
	if a.at != b.at {
		return a.at < b.at
	}
	return a.number < b.number
}

// Swap exchanges two entries.
func (q *queue[T]) Swap(i, j int) {
	q.entries[i], q.entries[j] = q.entries[j], q.entries[i]
	q.entries[i].index, q.entries[j].index = i+1, j+1
}

// Push adds an entry at the end.
func (q *queue[T]) Push(x any) {
	e := x.(*Entry[T]) //nolint:forcetypeassert // nothing else is pushed
	q.entries = append(q.entries, e)
	e.index = len(q.entries)
}

// Pop takes the last entry out.
func (q *queue[T]) Pop() any {
	last := len(q.entries) - 1
	e := q.entries[last]
	q.entries[last] = nil
	q.entries = q.entries[:last]
	e.index = 0
	return e
}

// shrinkFrom is the size from which it is worth while to give memory back.
const shrinkFrom = 1024

// shrink gives memory back when most of it is empty.
func (q *queue[T]) shrink() {
	if cap(q.entries) >= shrinkFrom && len(q.entries) < cap(q.entries)/8 {
		q.entries = append(make([]*Entry[T], 0, 2*len(q.entries)), q.entries...)
	}
}
