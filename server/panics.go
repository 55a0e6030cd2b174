package server

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A task that panics at each call would fill the log with stacks that say the
// same: this many are logged in this time.
const (
	stacksLogged = 10
	stacksPeriod = time.Minute
	stackKey     = "stack"
)

// fewStacks passes log lines on, but only so many stacks: of other lines it
// says that the stack was left out.
type fewStacks struct {
	slog.Handler
	budget *stackBudget
}

type stackBudget struct {
	mu     sync.Mutex
	began  time.Time
	logged int
}

func limitStacks(logger *slog.Logger) *slog.Logger {
	return slog.New(fewStacks{logger.Handler(), new(stackBudget)})
}

// Handle passes a line on. Panics are errors.
func (f fewStacks) Handle(ctx context.Context, record slog.Record) error {
	if record.Level < slog.LevelError || !hasStack(record) || f.budget.take(record.Time) {
		return f.Handler.Handle(ctx, record)
	}
	short := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		if attr.Key == stackKey {
			attr.Value = slog.StringValue("left out: enough were logged within a minute")
		}
		short.AddAttrs(attr)
		return true
	})
	return f.Handler.Handle(ctx, short)
}

// WithAttrs implements [slog.Handler].
func (f fewStacks) WithAttrs(attrs []slog.Attr) slog.Handler {
	return fewStacks{f.Handler.WithAttrs(attrs), f.budget}
}

// WithGroup implements [slog.Handler].
func (f fewStacks) WithGroup(name string) slog.Handler {
	return fewStacks{f.Handler.WithGroup(name), f.budget}
}

func hasStack(record slog.Record) (found bool) {
	record.Attrs(func(attr slog.Attr) bool {
		found = attr.Key == stackKey
		return !found
	})
	return found
}

func (b *stackBudget) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.began) >= stacksPeriod {
		b.began, b.logged = now, 0
	}
	b.logged++
	return b.logged <= stacksLogged
}
