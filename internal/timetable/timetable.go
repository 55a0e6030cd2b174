// Package timetable calls what is due: however many wait, they share one timer
// and a heap, and nothing runs meanwhile.
package timetable

import (
	"container/heap"
	"sync"
	"time"
)

// A Clock tells the time in nanoseconds since a moment of its own.
type Clock func() int64

// Wall is the machine's clock, in Unix time: it jumps when it is set, and goes
// on while the machine sleeps.
func Wall() int64 { return time.Now().UnixNano() }

// Monotonic returns a clock that only ever goes on, whatever becomes of the
// machine's, and counts from now.
func Monotonic() Clock {
	start := time.Now()
	return func() int64 { return int64(time.Since(start)) }
}

// An Entry is something's place in a [Table]. The zero Entry is in none; it must
// not be copied once it is in one.
type Entry[T any] struct {
	item   T
	at     int64
	number uint64 // of those that are due at the same time the first goes first
	index  int    // in the heap, plus one; 0: it isn't in
}

// A Table has items that wait for a time each. All methods are safe for
// concurrent use.
type Table[T any] struct {
	clock Clock
	look  time.Duration
	due   func(T)

	mu      sync.Mutex
	waiting queue[T]
	last    uint64
	timer   *time.Timer
	armed   int64 // when the timer fires; meaningless without waiting
}

// New returns a table that calls due for each item when its time has come, by
// a goroutine of its own: it may call the table. While something waits, it
// looks at the clock again after that long at the latest, for a clock that may
// jump; 0: only when the next is due.
func New[T any](clock Clock, look time.Duration, due func(T)) *Table[T] {
	return &Table[T]{clock: clock, look: look, due: due}
}

// Now returns the time by the table's clock.
func (t *Table[T]) Now() int64 { return t.clock() }

// Len returns how many items wait.
func (t *Table[T]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting.entries)
}

// Add has an item called when its time has come; a time that is over comes at
// once. The entry must not be in a table.
func (t *Table[T]) Add(e *Entry[T], item T, at int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	e.item, e.at, e.number = item, at, t.last
	heap.Push(&t.waiting, e)
	if e.index == 1 { // it is the first
		t.armLocked(len(t.waiting.entries) == 1)
	}
}

// Remove takes an entry out and reports whether it was in: otherwise its item
// has been called, or is about to be, or never was in.
func (t *Table[T]) Remove(e *Entry[T]) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.index == 0 {
		return false
	}
	heap.Remove(&t.waiting, e.index-1)
	t.waiting.shrink()
	return true
}

// After returns the items whose time comes after that one, in no order.
func (t *Table[T]) After(at int64) (items []T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.waiting.entries {
		if e.at > at {
			items = append(items, e.item)
		}
	}
	return items
}

// armLocked sets the timer for the first item, unless it fires before that.
func (t *Table[T]) armLocked(anew bool) {
	now, first := t.clock(), t.waiting.entries[0].at
	wait := time.Duration(max(0, first-now))
	if t.look > 0 {
		wait = min(wait, t.look)
	}
	fires := now + int64(wait)
	switch {
	case t.timer == nil:
		t.timer = time.AfterFunc(wait, t.fire)
	case anew || fires < t.armed:
		t.timer.Reset(wait)
	default:
		return
	}
	t.armed = fires
}

// atATime is how many items are taken with the lock held.
const atATime = 256

// fire calls what is due.
func (t *Table[T]) fire() {
	for {
		items := t.take()
		for _, item := range items {
			t.due(item)
		}
		if len(items) < atATime {
			return
		}
	}
}

// take takes out what is due, atATime at most; with fewer, the timer is set for
// the rest.
func (t *Table[T]) take() (items []T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	for len(items) < atATime && len(t.waiting.entries) > 0 && t.waiting.entries[0].at <= now {
		e := heap.Pop(&t.waiting).(*Entry[T]) //nolint:forcetypeassert // the heap has nothing else
		items = append(items, e.item)
	}
	t.waiting.shrink()
	if len(items) < atATime && len(t.waiting.entries) > 0 {
		t.armLocked(true)
	}
	return items
}
