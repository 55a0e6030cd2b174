package queue

import (
	"fmt"
	"slices"
)

// Load returns what was kept by the processes before this one, in the order of
// its coming. It is called once, before anything else. Of tasks with the same id
// it returns the last one.
func (q *Queue) Load() ([]Loaded, error) {
	l := loading{queue: q, byNumber: make(map[uint64]int)}
	if err := q.log.Read(l.message); err != nil {
		return nil, fmt.Errorf("reading the queue: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, number := range l.ended {
		if at, ok := l.byNumber[number]; ok {
			q.forgetLocked(l.tasks[at].Entry)
			delete(l.byNumber, number)
		}
	}
	kept := make([]Loaded, 0, len(l.byNumber))
	type name struct {
		id     string
		letter bool
	}
	newest := make(map[name]bool, len(l.byNumber))
	for _, t := range slices.Backward(l.tasks) {
		if _, ok := l.byNumber[t.Entry.number]; !ok {
			continue
		}
		if newest[name{t.ID, t.Letter}] {
			q.forgetLocked(t.Entry)
			q.ended = append(q.ended, t.Entry.number)
			continue
		}
		newest[name{t.ID, t.Letter}] = true
		t.Entry.attempt, t.Entry.due = t.Attempt, t.Due
		kept = append(kept, t)
	}
	slices.Reverse(kept)
	q.loaded = true
	q.tidyLaterLocked()
	return kept, nil
}

// Records returns what is kept in a log that another process has written to, and
// changes nothing there.
func Records(log Log) ([]Record, error) {
	q := New(log)
	q.closed = true // so it tidies nothing
	loaded, err := q.Load()
	records := make([]Record, len(loaded))
	for i := range loaded {
		records[i] = loaded[i].Record
	}
	return records, err
}

// forgetLocked takes out a task that has ended.
func (q *Queue) forgetLocked(e *Entry) {
	if e.segment != nil {
		q.releaseLocked(e)
		q.live--
	}
}

// loading is what was read so far.
type loading struct {
	queue    *Queue
	tasks    []Loaded
	byNumber map[uint64]int // where in tasks
	ended    []uint64
}

func (l *loading) message(message uint64, b []byte) error {
	q := l.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	var entries []*Entry
	to := reader{task: func(number uint64, r Record) {
		q.number = max(q.number, number)
		e := &Entry{number: number}
		if at, again := l.byNumber[number]; again { // it was moved
			t := &l.tasks[at]
			t.Attempt, t.Due = r.Attempt, r.Due
			if t.Entry.segment == nil {
				return // within this message: no queue has written that
			}
			q.forgetLocked(t.Entry)
			t.Entry = e
		} else {
			l.byNumber[number] = len(l.tasks)
			l.tasks = append(l.tasks, Loaded{Record: r, Entry: e})
		}
		entries = append(entries, e)
	}, again: func(a again) {
		q.number = max(q.number, a.number)
		if at, ok := l.byNumber[a.number]; ok {
			l.tasks[at].Attempt, l.tasks[at].Due = a.attempt, a.due
		}
	}, ended: func(number uint64) {
		q.number = max(q.number, number)
		l.ended = append(l.ended, number)
	}}
	err := to.read(b)
	if err != nil {
		return fmt.Errorf("message %d: %w", message, err)
	}
	q.live += len(entries)
	q.settleLocked(message, entries)
	return nil
}

// Close tells the log what has ended and waits until it knows. Nothing may be
// put any more.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	if q.timer != nil {
		q.timer.Stop()
	}
	if len(q.ended)+len(q.again) > 0 {
		q.writeLocked()
	}
	for q.writing || q.dropping {
		q.mu.Unlock()
		<-q.idle
		q.mu.Lock()
	}
	before := q.headLocked()
	q.mu.Unlock()
	if q.loaded && before > q.dropped {
		_ = q.log.Drop(before) // the next process does it
	}
}

// Restart forgets all that is kept: after [ErrFenced], others have it. What is put
// from then on is kept as before. Until then nothing is dropped: they may still be about
// to read the log.
func (q *Queue) Restart() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.segments.Len() > 0 {
		for _, e := range (*q.segments.First()).entries {
			if e != nil {
				e.segment = nil
			}
		}
		q.segments.Pop()
	}
	q.live, q.kept, q.ended, q.again = 0, 0, nil, nil
	q.dropped = q.appended + 1
	q.restarts++
}
