package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/throttle"
)

// Progress implements [task.Reporter].
func (e *execution) Progress(attempt int, fraction float64, note string) {
	if !journal.IsFraction(fraction) {
		return
	}
	if j := e.speaking(attempt); j != nil {
		if j.Progress(fraction, note) {
			e.tellSaid(journal.Event{Time: time.Now(), Kind: journal.Progress, Fraction: fraction, Text: note})
		}
	}
}

func (e *execution) tellSaid(event journal.Event) {
	if said := e.scheduler.config.Said; said != nil {
		said(event, e.describe)
	}
}

// Log implements [task.Reporter].
func (e *execution) Log(attempt int, level slog.Level, text string) {
	j := e.speaking(attempt)
	if j == nil {
		return
	}
	j.Log(level, text)
	e.tellSaid(journal.Event{Time: time.Now(), Kind: journal.Log, Level: level, Text: text})
	if !e.task.Remote { // else the one who runs it writes the log of its process
		e.scheduler.said.write(e, level, text)
	}
}

// speaking returns the journal for what an attempt says, or nil when that is
// over or there is no room.
func (e *execution) speaking(attempt int) *journal.Journal {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.decided || !e.active || e.state != Running || attempt != int(e.attempt) {
		return nil
	}
	return e.openJournalLocked()
}

// openJournalLocked returns e's journal, which it may have to open; nil if there
// is no room for one. e has not ended.
func (e *execution) openJournalLocked() *journal.Journal {
	if e.journal == nil {
		e.journal = e.scheduler.book.Open(journal.Start{
			ID: e.id, Submitted: e.submitted, Began: e.started, State: e.state, Attempt: e.attempt,
		})
	}
	return e.journal
}

// journalRetry tells those who watch why e will run again.
func (e *execution) journalRetry(o Outcome, backoff time.Duration) {
	e.mu.Lock()
	j, attempt := e.journal, e.attempt
	e.mu.Unlock()
	if j != nil {
		j.Log(slog.LevelWarn, fmt.Sprintf("attempt %d failed and will be tried again in %s: %s: %s",
			attempt, backoff.Round(time.Millisecond), o.Err.Code, o.Err.Message))
	}
}

// saidLog passes what Go tasks log on to the server's log, but not more than
// somebody could read.
type saidLog struct {
	logger *slog.Logger
	lines  *throttle.Lines
}

const (
	saidLines = 1000      // a second
	saidBytes = 256 << 10 // likewise
)

func (l *saidLog) init(logger *slog.Logger) {
	l.logger, l.lines = logger, throttle.NewLines(saidLines, saidBytes)
}

func (l *saidLog) write(e *execution, level slog.Level, text string) {
	ctx := context.Background()
	if !l.logger.Enabled(ctx, level) {
		return
	}
	text = journal.Text(text)
	allowed, dropped := l.lines.Admit(len(text))
	if dropped > 0 {
		l.logger.Warn("tasks log too much, lines were left out", "lines", dropped)
	}
	if allowed {
		l.logger.Log(ctx, level, "task says", "text", text, "id", e.id, "method", e.task.Name)
	}
}
