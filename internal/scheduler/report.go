package scheduler

import (
	"log/slog"

	"github.com/taskscheduler/taskscheduler/internal/journal"
)

// Progress implements [task.Reporter].
func (e *execution) Progress(attempt int, fraction float64, note string) {
	if !journal.IsFraction(fraction) {
		return
	}
	if j := e.speaking(attempt); j != nil {
		j.Progress(fraction, note)
	}
}

// Log implements [task.Reporter].
func (e *execution) Log(attempt int, level slog.Level, text string) {
	if j := e.speaking(attempt); j != nil {
		j.Log(level, text)
	}
}

// speaking returns the journal for what an attempt says, or nil when that is
// over or there is no room.
func (e *execution) speaking(attempt int) *journal.Journal {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.decided || !e.active || attempt != int(e.attempt) {
		return nil
	}
	return e.openJournalLocked()
}

// openJournalLocked returns e's journal, which it may have to open; nil if there
// is no room for one. e has not ended.
func (e *execution) openJournalLocked() *journal.Journal {
	if e.journal == nil {
		e.journal = e.book.Open(journal.Start{
			ID: e.id, Submitted: e.submitted, Began: e.started, State: e.state, Attempt: e.attempt,
		})
	}
	return e.journal
}
