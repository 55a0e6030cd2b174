package scheduler

import (
	"context"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/task"
)

// A Watch follows the events of one task. It is used by one goroutine at a time.
type Watch struct {
	execution *execution       // nil: it had ended before
	journal   *journal.Journal // nil: it has ended, and nothing is kept but that
	after     uint64
	over      bool    // without a journal: the end has been told
	outcome   Outcome // once it has ended
}

// batchOfEvents is how many events a watch reads at a time.
const batchOfEvents = 64

// Watch returns what follows a task from the event after that number; ok is false
// for an id that is not known. Who watches doesn't keep the task from being given
// up by its callers. The error is a [task.Error]: the store can't be read, or there
// is no room.
func (s *Scheduler) Watch(ctx context.Context, id string, after uint64) (w *Watch, ok bool, err error) {
	if e := s.table.find(id); e != nil {
		if w, err = e.watch(after); w != nil || err != nil {
			return w, w != nil, err
		}
	}
	o, ok, err := s.outcomes.get(ctx, id)
	if err != nil || !ok {
		return nil, false, err
	}
	return watchEnded(s.book.Find(id), after, o), true, nil
}

// watchEnded returns what tells the end of a task, and what came before that is
// kept. Who has seen more than is in the journal has seen it in a process before
// this one.
func watchEnded(j *journal.Journal, after uint64, o Outcome) *Watch {
	if j != nil && after > j.Last() {
		j = nil
	}
	return &Watch{journal: j, after: after, outcome: o}
}

// watch returns nil without an error if e's id means nothing any more.
func (e *execution) watch(after uint64) (*Watch, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.forgotten:
		return nil, nil //nolint:nilnil // there is nothing to watch
	case e.state.Ended() && e.goesOnLaterLocked():
		return nil, task.Errorf(task.Unavailable, "the server is stopping, and goes on with the task when it is back")
	case e.state.Ended():
		return watchEnded(e.journal, after, e.outcome), nil
	case e.openJournalLocked() == nil:
		return nil, task.Errorf(task.ResourceExhausted, "there is no room for what tasks say while they run; try again later")
	}
	e.journal.Skip(after)
	return &Watch{execution: e, journal: e.journal, after: after}, nil
}

// Next returns the events that follow those of the call before, but not very many
// at a time. When there are none, more is closed once there are; it is nil when the
// task has ended, and no event follows these and those that come with the next
// calls. The numbers that are missing are those of events that are not kept any
// more.
func (w *Watch) Next() (events []journal.Event, more <-chan struct{}) {
	if w.journal == nil {
		return w.onlyEnd(), nil
	}
	events, more = w.journal.Since(w.after, batchOfEvents)
	if n := len(events); n > 0 {
		w.after = events[n-1].Number
	}
	return events, more
}

// onlyEnd returns the end of a task of which nothing else is kept, unless that is
// what was seen last. Its time is not known.
func (w *Watch) onlyEnd() []journal.Event {
	number := journal.StatesOf(w.outcome.State, w.outcome.Attempt) + 1
	if w.over || w.after == number {
		return nil
	}
	w.over, w.after = true, max(number, w.after+1)
	return []journal.Event{{Number: w.after, Kind: journal.Ended, State: w.outcome.State}}
}

// Outcome returns how the task has ended, once Next has told that it has.
func (w *Watch) Outcome() Outcome {
	if w.execution == nil {
		return w.outcome
	}
	w.execution.mu.Lock()
	defer w.execution.mu.Unlock()
	return w.execution.outcome
}
