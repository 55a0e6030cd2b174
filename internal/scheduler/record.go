package scheduler

import (
	"time"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/task"
)

// maxArguments is how many bytes of a task's arguments are kept as text, and how
// large they may be to be kept as values.
const maxArguments = 4 << 10

// keepArguments notes in e's journal what it was called with.
func (e *execution) keepArguments(args []task.Value) {
	text := preview(args, maxArguments)
	size := e.size
	if size > maxArguments {
		args, size = nil, 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.Ended() { // that was quick: nobody runs it, so it was cancelled
		return
	}
	if j := e.openJournalLocked(); j != nil {
		j.Arguments(text, args, size)
	}
}

// LogBytes is how much is kept of what tasks say, of what [Config.Journals] allows.
func (s *Scheduler) LogBytes() int64 { return s.book.Bytes() }

// Record returns what is kept of an execution that [Scheduler.EachExecution] or
// Config.Ended has told of: at least its states and when it reached them, as far
// as x tells that.
func (s *Scheduler) Record(x *Execution) journal.Record {
	if j := s.journalOf(x); j != nil {
		return j.Record()
	}
	var r journal.Record
	add := func(at time.Time, state State) {
		if !at.IsZero() {
			r.States = append(r.States, journal.Event{Time: at, State: state})
		}
	}
	add(x.Submitted, Pending)
	add(x.Started, Running)
	add(x.Ended, x.State)
	return r
}

// journalOf returns the journal of x, or nil.
func (s *Scheduler) journalOf(x *Execution) *journal.Journal {
	if e := s.table.find(x.ID); e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.submitted.Equal(x.Submitted) {
			return e.journal
		}
	}
	if j := s.book.Find(x.ID); j != nil && j.Of(x.Submitted) {
		return j
	}
	return nil
}
