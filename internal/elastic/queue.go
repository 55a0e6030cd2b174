package elastic

// A Queue is a list that is added to at its end and taken from at its
// beginning. It lies in pieces, so that nothing is copied when it grows, and
// what was taken gives its memory back.
type Queue[T any] struct {
	first, last *piece[T]
	taken       int // of the first piece's items
	length      int
}

type piece[T any] struct {
	items []T // all room that there is was made at once
	next  *piece[T]
}

// How many items a queue's first piece has room for, and each of a large one.
const smallPiece, largePiece = 16, 512

// Len returns how many items there are.
func (q *Queue[T]) Len() int { return q.length }

// First returns the oldest item, which stays; the queue must not be empty.
func (q *Queue[T]) First() *T { return &q.first.items[q.taken] }

// Push adds an item at the end.
func (q *Queue[T]) Push(item T) {
	if q.last == nil || len(q.last.items) == cap(q.last.items) {
		q.grow()
	}
	q.last.items = append(q.last.items, item)
	q.length++
}

// grow adds a piece.
func (q *Queue[T]) grow() {
	added := &piece[T]{items: make([]T, 0, min(max(smallPiece, q.length), largePiece))}
	if q.last == nil {
		q.first = added
	} else {
		q.last.next = added
	}
	q.last = added
}

// Pop takes the oldest item; the queue must not be empty.
func (q *Queue[T]) Pop() T {
	p := q.first
	item := p.items[q.taken]
	clear(p.items[q.taken : q.taken+1]) // so that what it points to can go
	q.taken++
	q.length--
	switch {
	case q.taken < len(p.items):
	case p.next != nil:
		q.first, q.taken = p.next, 0
	case cap(p.items) < largePiece: // empty, and so small that it may stay
		p.items, q.taken = p.items[:0], 0
	default:
		*q = Queue[T]{}
	}
	return item
}
