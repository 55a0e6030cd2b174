package elastic

// A Queue is a list that is added to at its end and taken from at its
// beginning.
type Queue[T any] struct {
	items []T // from first on
	first int
}

// Len returns how many items there are.
func (q *Queue[T]) Len() int { return len(q.items) - q.first }

// First returns the oldest item, which stays; the queue must not be empty.
func (q *Queue[T]) First() *T { return &q.items[q.first] }

// Push adds an item at the end.
func (q *Queue[T]) Push(item T) {
	if q.first > len(q.items)/2 && len(q.items) == cap(q.items) {
		q.compact()
	}
	q.items = append(q.items, item)
}

// Pop takes the oldest item; the queue must not be empty.
func (q *Queue[T]) Pop() T {
	item := q.items[q.first]
	clear(q.items[q.first : q.first+1]) // so that what it points to can go
	q.first++
	large := cap(q.items) >= shrinkFrom
	switch {
	case q.Len() == 0 && large:
		*q = Queue[T]{}
	case q.Len() == 0:
		q.items, q.first = q.items[:0], 0
	case large && q.Len() < cap(q.items)/8:
		q.compact()
	}
	return item
}

// compact moves the items to the front, of a smaller slice if most of this one
// is empty.
func (q *Queue[T]) compact() {
	live := q.items[q.first:]
	if cap(q.items) >= shrinkFrom && len(live) < cap(q.items)/8 {
		q.items = append(make([]T, 0, 2*len(live)), live...)
	} else {
		n := copy(q.items, live)
		clear(q.items[n:])
		q.items = q.items[:n]
	}
	q.first = 0
}
