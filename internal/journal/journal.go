package journal

import (
	"log/slog"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// What a journal and a line take beside their texts, about, in bytes.
const (
	journalBytes = 1 << 10 // with the states
	lineBytes    = 160
)

// maxStates is how many states are kept: the first, and then the newest.
const maxStates = 8

// A Journal has the events of one execution.
type Journal struct {
	book      *Book
	id        string
	submitted time.Time

	// All of this is guarded by the book's lock.
	last     uint64  // the number of the last event
	states   []Event // oldest first
	progress Event   // the last one; Number 0: none
	told     time.Time
	args     arguments
	lines    []Event // oldest first
	lineSize int64   // of the lines
	left     uint64  // how many lines are not kept any more
	end      Event   // Number 0 while it has not ended
	bytes    int64   // of all
	changed  chan struct{}

	in         *list
	prev, next *Journal
}

// State notes that the execution has reached a state that is not final.
func (j *Journal) State(state store.State, at time.Time) {
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	if j.end.Number > 0 {
		return
	}
	if len(j.states) == maxStates {
		j.states = slices.Delete(j.states, 1, 2)
	}
	j.last++
	j.states = append(j.states, Event{Number: j.last, Time: at, State: state})
	j.changedLocked()
}

// tellEvery is how often Progress says that it is time to tell of it.
const tellEvery = time.Second

// Progress notes how far the execution is, from 0 to 1; other fractions are
// ignored. It takes the place of what was noted before. The result is true when
// it has not been for a while, so that everybody may be told.
func (j *Journal) Progress(fraction float64, note string) (due bool) {
	if !IsFraction(fraction) {
		return false
	}
	e := Event{Time: time.Now(), Kind: Progress, Fraction: fraction, Text: Text(note)}
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	if j.end.Number > 0 || !j.roomLocked(int64(len(e.Text))) {
		return false
	}
	if due = e.Time.Sub(j.told) >= tellEvery; due {
		j.told = e.Time
	}
	j.growLocked(int64(len(e.Text) - len(j.progress.Text)))
	j.last++
	e.Number = j.last
	j.progress = e
	j.wroteLocked()
	return due
}

// Arguments notes what the execution was called with, which is no event: a text for
// it, and the values, which must not be changed and hold that many bytes.
func (j *Journal) Arguments(text string, values []task.Value, size int64) {
	size += int64(len(text))
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	if j.end.Number > 0 || !j.roomLocked(size) {
		return
	}
	j.growLocked(size - j.args.size)
	j.args = arguments{text, values, size}
	j.wroteLocked()
}

// arguments are what an execution was called with.
type arguments struct {
	text   string
	values []task.Value
	size   int64 // of both, in bytes
}

// Log notes a line. The oldest ones go when there are too many.
func (j *Journal) Log(at slog.Level, text string) {
	e := Event{Time: time.Now(), Kind: Log, Level: level(at), Text: Text(text)}
	size := lineBytes + int64(len(e.Text))
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	if j.end.Number > 0 {
		return
	}
	j.last++
	for len(j.lines) > 0 && j.lineSize+size > j.book.limits.Each {
		j.dropLineLocked()
	}
	if j.lineSize+size > j.book.limits.Each || !j.roomLocked(size) {
		j.left++
		return
	}
	e.Number = j.last
	j.lines = append(j.lines, e)
	j.lineSize += size
	j.growLocked(size)
	j.wroteLocked()
}

// largestSkip bounds the numbers that Skip may lead to.
const largestSkip = 1<<53 - 1

// Skip has the events that follow go on after that number, if it is not reached
// yet: that of an event which somebody has seen in a process before this one.
func (j *Journal) Skip(number uint64) {
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	if j.end.Number == 0 && number <= largestSkip {
		j.last = max(j.last, number)
	}
}

// Last returns the number of the last event.
func (j *Journal) Last() uint64 {
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	return j.last
}

// End notes that the execution has ended. What it says after that is ignored.
func (j *Journal) End(state store.State, at time.Time) {
	b := j.book
	b.mu.Lock()
	defer b.mu.Unlock()
	if j.end.Number > 0 {
		return
	}
	j.last++
	j.end = Event{Number: j.last, Time: at, Kind: Ended, State: state}
	if older := b.byID[j.id]; older != nil {
		older.dropLocked()
	}
	b.byID[j.id] = j
	j.leave()
	b.ended.push(j)
	j.changedLocked()
}

// roomLocked makes room for so many bytes, if need be at the cost of others.
func (j *Journal) roomLocked(size int64) bool {
	if j.book.bytes+size <= j.book.limits.Total {
		return true
	}
	in := j.in
	j.leave() // it may have to give up its own lines, but as the last one
	if in != nil {
		in.push(j)
	}
	return j.book.shrinkLocked(size)
}

// wroteLocked takes in that there is something new that could be given up.
func (j *Journal) wroteLocked() {
	if j.book.live.last != j {
		j.leave()
		j.book.live.push(j)
	}
	j.changedLocked()
}

func (j *Journal) growLocked(size int64) {
	j.bytes += size
	j.book.bytes += size
}

func (j *Journal) dropLineLocked() {
	size := lineBytes + int64(len(j.lines[0].Text))
	j.lines[0] = Event{}
	j.lines = j.lines[1:]
	j.left++
	j.lineSize -= size
	j.growLocked(-size)
}

// emptyLocked gives up what a running execution has said.
func (j *Journal) emptyLocked() {
	j.left += uint64(len(j.lines))
	j.growLocked(-j.lineSize - int64(len(j.progress.Text)) - j.args.size)
	j.lines, j.lineSize, j.progress.Text, j.args = nil, 0, "", arguments{}
	j.leave()
}

// dropLocked gives up a journal of an execution that has ended. Who watches it
// just now still learns that it has.
func (j *Journal) dropLocked() {
	j.emptyLocked()
	j.growLocked(-j.bytes)
	j.states = nil
	if j.book.byID[j.id] == j {
		delete(j.book.byID, j.id)
	}
}

func (j *Journal) changedLocked() {
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}
