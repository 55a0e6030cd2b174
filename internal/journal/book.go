package journal

import (
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// Limits bound what a [Book] keeps, in bytes. Zero is nothing.
type Limits struct {
	// Total is for all journals together, Each for the lines of one execution.
	Total, Each int64
}

// A Book has the journals of all executions. All methods, those of its journals
// too, are safe for concurrent use, wait for nothing and call nobody: they may be
// called with locks held.
type Book struct {
	limits Limits

	mu    sync.Mutex
	bytes int64
	live  list // those of executions that run and have something to give up
	ended list // the first has ended longest ago
	byID  map[string]*Journal
}

// NewBook returns an empty book.
func NewBook(limits Limits) *Book {
	return &Book{limits: limits, byID: make(map[string]*Journal)}
}

// Start is where an execution stands when its journal is opened.
type Start struct {
	ID string
	// Submitted and Began are when it was admitted and when its last attempt began
	// to run; zero when it did not.
	Submitted, Began time.Time
	State            store.State
	// Attempt counts how often it began to run.
	Attempt uint32
}

// seen is the number of the last event before the journal was opened.
func (s *Start) seen() uint64 { return StatesOf(s.State, s.Attempt) }

// StatesOf is how many states an execution has reached that is in this one, or
// ended from there: each attempt begins with two, that it waits and that it runs.
func StatesOf(state store.State, attempt uint32) uint64 {
	n := 2 * uint64(attempt)
	if state == store.Pending || attempt == 0 {
		n++
	}
	return n
}

// Open returns a journal for an execution that has not ended, or nil when there
// is no room for one.
func (b *Book) Open(start Start) *Journal {
	j := &Journal{book: b, id: start.ID, submitted: start.Submitted, last: start.seen()}
	j.states = append(j.states, Event{Number: 1, Time: start.Submitted, State: store.Pending})
	if start.Attempt > 0 {
		j.states = append(j.states, Event{Number: 2 * uint64(start.Attempt), Time: start.Began, State: store.Running})
	}
	if start.Attempt > 0 && start.State == store.Pending { // since when is not known
		j.states = append(j.states, Event{Number: j.last, State: store.Pending})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	size := int64(journalBytes + len(start.ID))
	if b.bytes+size > b.limits.Total && !b.shrinkLocked(size) {
		return nil
	}
	j.growLocked(size)
	return j
}

// Find returns the journal of the execution of that id that ended last, or nil.
func (b *Book) Find(id string) *Journal {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.byID[id]
}

// Bytes returns about how much is kept.
func (b *Book) Bytes() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}

// shrinkLocked makes room for so many bytes, and reports whether there is any.
func (b *Book) shrinkLocked(room int64) bool {
	for b.bytes+room > b.limits.Total {
		switch {
		case b.ended.first != nil:
			b.ended.first.dropLocked()
		case b.live.first != nil:
			b.live.first.emptyLocked()
		default:
			return false
		}
	}
	return true
}

// list is a list through the journals themselves.
type list struct{ first, last *Journal }

func (l *list) push(j *Journal) {
	j.in, j.prev, j.next = l, l.last, nil
	if l.last == nil {
		l.first = j
	} else {
		l.last.next = j
	}
	l.last = j
}

// leave takes j out of the list that it is in.
func (j *Journal) leave() {
	if j.in == nil {
		return
	}
	if j.prev == nil {
		j.in.first = j.next
	} else {
		j.prev.next = j.next
	}
	if j.next == nil {
		j.in.last = j.prev
	} else {
		j.next.prev = j.prev
	}
	j.in, j.prev, j.next = nil, nil, nil
}
