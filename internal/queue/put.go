package queue

import (
	"fmt"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/elastic"
)

// A Queue keeps tasks in a [Log]. It is safe for concurrent use.
//
// Tasks that are put at the same time share a message, and while one is being
// appended the next gather: so the longer a log takes, as one that waits for a
// disk does, the more tasks it takes at a time.
//
// That a task has ended is appended too, beside others, and what is before the
// first task that has not is dropped. A task that stays for long would keep all
// that came after it, so the oldest are moved to the end now and then.
type Queue struct {
	log Log

	mu       sync.Mutex
	number   uint64 // the last one that a task was given
	gathered []*pending
	ended    []uint64 // not appended yet
	again    []again  // likewise
	writing  bool     // write is running
	idle     chan struct{}
	segments elastic.Queue[*segment]
	live     int // tasks that are kept
	kept     int // in all segments, ended or not
	appended uint64
	dropped  uint64 // all messages before it are
	dropping bool
	timer    *time.Timer // see tidy.go
	loaded   bool
	closed   bool
	restarts int
}

// An Entry is a task's place in a queue.
type Entry struct {
	number uint64
	// Guarded by the queue's lock.
	segment *segment // nil: not appended, or ended
	index   int
	attempt uint32
	due     time.Time
}

// again is what changes when a task will run again.
type again struct {
	number  uint64
	attempt uint32
	due     time.Time
}

// segment is a message with tasks.
type segment struct {
	message uint64
	entries []*Entry // nil in the place of one that has ended, or moved on
	live    int
}

// pending is a task that is to be appended.
type pending struct {
	entry *Entry
	body  []byte // as a field of the message
	group *group
}

// group is what one Put brought.
type group struct {
	entries []*Entry
	missing int
	err     error
	done    func([]*Entry, error)
}

// New returns the queue that is in log, which nobody else may use.
func New(log Log) *Queue {
	return &Queue{log: log, idle: make(chan struct{}, 1)}
}

// Put keeps tasks, in their order and all or none, and calls done once, on
// another goroutine: when they are as safe as the log makes anything, or with an
// error, which means that they are not kept. done must be quick. It has no use
// for the records once it returns.
//
// A record whose id is kept already counts in that one's place from then on; the
// entry of that is done.
func (q *Queue) Put(records []Record, done func([]*Entry, error)) {
	size := 0
	for i := range records {
		size = max(size, len(records[i].ID)+len(records[i].Request)+len(records[i].RetryOf)+framing)
	}
	if most := q.log.MaxMessage(); size > most || len(records) == 0 {
		go done(nil, fmt.Errorf("%w: it takes %d bytes; at most %d", ErrTooLarge, size, most))
		return
	}
	g := &group{entries: make([]*Entry, len(records)), missing: len(records), done: done}
	units := make([]*pending, len(records))
	q.mu.Lock()
	if !q.loaded || q.closed {
		q.mu.Unlock()
		go done(nil, errNotOpen)
		return
	}
	first := q.number + 1
	q.number += uint64(len(records))
	q.mu.Unlock()
	for i := range records {
		e := &Entry{number: first + uint64(i), attempt: records[i].Attempt, due: records[i].Due}
		g.entries[i] = e
		units[i] = &pending{entry: e, body: appendTask(nil, e.number, &records[i]), group: g}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.gathered = append(q.gathered, units...)
	q.writeLocked()
}

// Done is called once a task has ended and its outcome is stored. It waits for
// nothing: after a crash the task may be there although it was called.
func (q *Queue) Done(e *Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.segment == nil {
		return
	}
	q.releaseLocked(e)
	q.live--
	q.ended = append(q.ended, e.number)
	q.tidyLaterLocked()
}

// Again is called when a task will run once more, at that time and after so many
// attempts. It waits for nothing: after a crash the task may be as it was before.
func (q *Queue) Again(e *Entry, attempt uint32, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.segment == nil {
		return
	}
	e.attempt, e.due = attempt, due
	q.again = append(q.again, again{e.number, attempt, due})
	q.tidyLaterLocked()
}

// releaseLocked takes e out of its segment.
func (q *Queue) releaseLocked(e *Entry) {
	s := e.segment
	s.entries[e.index] = nil
	s.live--
	e.segment = nil
	for q.segments.Len() > 0 && (*q.segments.First()).live == 0 {
		q.kept -= len(q.segments.Pop().entries)
	}
}

// settleLocked gives entries their place in a message that was appended.
func (q *Queue) settleLocked(message uint64, entries []*Entry) {
	q.appended = max(q.appended, message)
	if len(entries) == 0 {
		return
	}
	s := &segment{message: message, entries: entries, live: len(entries)}
	q.segments.Push(s)
	q.kept += len(entries)
	for i, e := range entries {
		e.segment, e.index = s, i
	}
}

// Usage is how much a queue keeps.
type Usage struct {
	Tasks   int // that have not ended
	Records int // with those that have, and are not dropped yet
	Waiting int // that are being appended
}

// Usage returns how much is kept now.
func (q *Queue) Usage() Usage {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Usage{Tasks: q.live, Records: q.kept, Waiting: len(q.gathered)}
}
