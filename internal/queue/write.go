package queue

import (
	"fmt"
	"slices"
)

const (
	// gatherBytes is how many bytes of tasks a message has at most, unless one
	// alone has more, and gatherTasks how many tasks.
	gatherBytes = 512 << 10
	gatherTasks = 1024
	// gatherEnded is how many ended ones a message tells of.
	gatherEnded = 16 << 10
	// gatherAgain is how many that will run again.
	gatherAgain = 1024
)

// writeLocked sees that what is gathered is appended.
func (q *Queue) writeLocked() {
	if !q.writing {
		q.writing = true
		go q.write()
	}
}

// parcel is what goes into a message.
type parcel struct {
	units []*pending
	ended []uint64
	again []again

	restarts int // of the queue, until then
}

func (p *parcel) empty() bool { return len(p.units)+len(p.ended)+len(p.again) == 0 }

func (p *parcel) message() (message []byte, entries []*Entry) {
	entries = make([]*Entry, len(p.units))
	for i, u := range p.units {
		message = append(message, u.body...)
		entries[i] = u.entry
	}
	for _, a := range p.again {
		message = appendAgain(message, a)
	}
	return appendEnded(message, p.ended), entries
}

// write appends what is gathered until there is no more.
func (q *Queue) write() {
	for {
		p := q.take()
		if p.empty() {
			return
		}
		message, entries := p.message()
		number, err := q.log.Append(message)
		q.mu.Lock()
		if err == nil && p.restarts != q.restarts {
			err = ErrFenced // others have it
		}
		if err == nil {
			q.live += len(entries)
			q.settleLocked(number, entries)
		} else {
			q.keepNewsLocked(p)
		}
		groups := q.countLocked(p.units, err)
		q.mu.Unlock()
		for _, g := range groups {
			if g.err != nil {
				g.done(nil, g.err)
			} else {
				g.done(g.entries, nil)
			}
		}
		if err != nil && len(p.units) == 0 {
			q.pause()
			return
		}
		q.move()
	}
}

// take returns what goes into the next message. If that is nothing, write is
// over.
func (q *Queue) take() (p parcel) {
	q.mu.Lock()
	defer q.mu.Unlock()
	size, n := 0, 0
	most := min(gatherBytes, q.log.MaxMessage()) // servers outside may be set to take little
	for n < len(q.gathered) && n < gatherTasks && (n == 0 || size+len(q.gathered[n].body) <= most) {
		size += len(q.gathered[n].body)
		n++
	}
	p.restarts = q.restarts
	p.units, q.gathered = cut(q.gathered, n)
	room := max(0, q.log.MaxMessage()-size)
	p.ended, q.ended = cut(q.ended, min(gatherEnded, room/2/16)) // a number takes ten bytes at most
	p.again, q.again = cut(q.again, min(gatherAgain, room/2/64))
	if p.empty() {
		q.stopWritingLocked()
	}
	return p
}

// keepNewsLocked sees that what a parcel tells is told by a later one.
func (q *Queue) keepNewsLocked(p parcel) {
	if p.restarts == q.restarts {
		q.ended, q.again = slices.Concat(p.ended, q.ended), slices.Concat(p.again, q.again)
	}
}

// cut cuts the first n off, or all.
func cut[T any](all []T, n int) (first, rest []T) {
	n = min(n, len(all))
	if n == len(all) {
		return all, nil
	}
	return all[:n:n], all[n:]
}

func (q *Queue) stopWritingLocked() {
	q.writing = false
	select {
	case q.idle <- struct{}{}:
	default:
	}
}

// countLocked notes that units were appended, or not, and returns the groups of
// which none is missing now. What is left of a group that failed is taken back.
func (q *Queue) countLocked(units []*pending, err error) (whole []*group) {
	for _, u := range units {
		g := u.group
		g.missing--
		if err != nil && g.err == nil {
			g.err = fmt.Errorf("could not be appended: %w", err)
		}
		if g.missing == 0 {
			whole = append(whole, g)
		}
	}
	for _, g := range whole {
		if g.err == nil {
			continue
		}
		for _, e := range g.entries {
			if e.segment != nil {
				q.releaseLocked(e)
				q.live--
			}
			q.ended = append(q.ended, e.number) // the log may have it after all
		}
		q.tidyLaterLocked()
	}
	return whole
}
