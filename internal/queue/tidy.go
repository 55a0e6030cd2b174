package queue

import "time"

const (
	// tidyAfter is how long the news that a task has ended may wait for others.
	tidyAfter = 50 * time.Millisecond
	// pauseAfter is how long a log that failed is left alone.
	pauseAfter = time.Second
	// slack is how many records of ended tasks may lie between those of others,
	// beside as many as these are.
	slack = 8192
)

// tidyLaterLocked sees that ended tasks are told of and dropped.
func (q *Queue) tidyLaterLocked() { q.tidyInLocked(tidyAfter) }

func (q *Queue) tidyInLocked(d time.Duration) {
	if q.timer == nil && !q.closed {
		q.timer = time.AfterFunc(d, q.tidy)
	}
}

func (q *Queue) tidy() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.timer = nil
	if q.closed {
		return
	}
	if len(q.ended)+len(q.again) > 0 {
		q.writeLocked()
	}
	before := q.headLocked()
	if before > q.dropped && !q.dropping {
		q.dropping = true
		go q.drop(before)
	}
}

// headLocked returns the first message that is still needed.
func (q *Queue) headLocked() uint64 {
	if q.segments.Len() == 0 {
		return q.appended + 1
	}
	return (*q.segments.First()).message
}

// drop drops what nobody needs.
func (q *Queue) drop(before uint64) {
	err := q.log.Drop(before)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.dropping = false
	if err == nil {
		q.dropped = max(q.dropped, before)
	}
	if q.closed {
		q.stopWritingLocked()
		return
	}
	if q.headLocked() > q.dropped {
		q.tidyInLocked(pauseAfter)
	}
}

// pause ends write after an error that nobody is told of; it is tried again.
func (q *Queue) pause() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.gathered) > 0 {
		go q.write()
		return
	}
	q.stopWritingLocked()
	q.tidyInLocked(pauseAfter)
}

// move appends the tasks of the oldest message once more if most of what is
// kept has ended: then all before them can be dropped.
func (q *Queue) move() {
	q.mu.Lock()
	if q.kept <= 2*q.live+slack || q.segments.Len() < 2 {
		q.mu.Unlock()
		return
	}
	s, restarts := *q.segments.First(), q.restarts
	q.mu.Unlock()
	old, err := q.log.Get(s.message)
	if err != nil {
		return // those who read it at the next start are told
	}
	var message []byte
	var numbers []uint64
	to := reader{task: func(number uint64, r Record) {
		if q.amend(s, number, &r) {
			message = appendTask(message, number, &r)
			numbers = append(numbers, number)
		}
	}, again: func(again) {}, ended: func(uint64) {}}
	err = to.read(old)
	if err != nil || len(numbers) == 0 {
		return
	}
	if number, err := q.log.Append(message); err == nil {
		q.moved(s, numbers, number, restarts)
	}
}

// amend reports whether the task of that number is kept in s, and sets what has
// changed since.
func (q *Queue) amend(s *segment, number uint64, r *Record) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range s.entries {
		if e != nil && e.number == number {
			r.Attempt, r.Due = e.attempt, e.due
			return true
		}
	}
	return false
}

// moved gives the tasks that were in s, and have not ended since, their place
// in another message, unless the queue has forgotten them all meanwhile.
func (q *Queue) moved(s *segment, numbers []uint64, message uint64, restarts int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if restarts != q.restarts {
		return
	}
	staying := make(map[uint64]*Entry, len(numbers))
	for _, e := range s.entries {
		if e != nil {
			staying[e.number] = e
		}
	}
	var entries []*Entry
	for _, n := range numbers {
		if e := staying[n]; e != nil {
			q.releaseLocked(e)
			entries = append(entries, e)
		} else {
			q.ended = append(q.ended, n) // it may have been said before this message
		}
	}
	q.settleLocked(message, entries)
	q.tidyLaterLocked()
}
