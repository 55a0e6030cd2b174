package task

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"
)

// Progress says how far the task is that ctx belongs to, from 0 to 1, with a few
// words or none: those who watch the task see it. Any other fraction becomes the
// nearest of these, and NaN 0. Nothing comes of it when ctx is not a task's, or the
// task has ended. It costs little, and of very many reports only some are passed on.
func Progress(ctx context.Context, fraction float64, note string) {
	call := CallOf(ctx)
	switch {
	case call.Reporter == nil:
		return
	case math.IsNaN(fraction):
		fraction = 0
	}
	call.Reporter.Progress(call.Attempt, min(max(fraction, 0), 1), note)
}

// Logger returns a logger for the task that ctx belongs to: its lines are kept
// with the execution for those who watch, as many as the server has room for, and
// go to the server's log with the task's id. When ctx is not a task's it is
// [slog.Default].
func Logger(ctx context.Context) *slog.Logger {
	call := CallOf(ctx)
	if call.Reporter == nil {
		return slog.Default()
	}
	return slog.New(&logHandler{call: call})
}

// A logHandler makes a text of each line: the message, and then the attributes as
// [slog.TextHandler] writes them.
type logHandler struct {
	call Call
	with []func(slog.Handler) slog.Handler // WithAttrs and WithGroup, in their order
}

// Enabled implements [slog.Handler].
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelDebug
}

// Handle implements [slog.Handler].
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	text := record.Message
	if record.NumAttrs() > 0 || len(h.with) > 0 {
		attributes, err := h.attributes(ctx, record)
		if err != nil {
			return err
		}
		text += attributes
	}
	h.call.Reporter.Log(h.call.Attempt, record.Level, text)
	return nil
}

// attributes returns a line's attributes, with a blank before each.
func (h *logHandler) attributes(ctx context.Context, record slog.Record) (string, error) {
	var line strings.Builder
	var handler slog.Handler = slog.NewTextHandler(&line, nil)
	for _, with := range h.with {
		handler = with(handler)
	}
	bare := slog.NewRecord(time.Time{}, slog.LevelInfo, "", 0)
	record.Attrs(func(a slog.Attr) bool {
		bare.AddAttrs(a)
		return true
	})
	if err := handler.Handle(ctx, bare); err != nil {
		return "", err
	}
	const nothing = `level=INFO msg=""` // what a record without time, message and attributes is
	return strings.TrimSuffix(strings.TrimPrefix(line.String(), nothing), "\n"), nil
}

// WithAttrs implements [slog.Handler].
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.adding(func(inner slog.Handler) slog.Handler { return inner.WithAttrs(attrs) })
}

// WithGroup implements [slog.Handler].
func (h *logHandler) WithGroup(name string) slog.Handler {
	return h.adding(func(inner slog.Handler) slog.Handler { return inner.WithGroup(name) })
}

func (h *logHandler) adding(with func(slog.Handler) slog.Handler) slog.Handler {
	return &logHandler{call: h.call, with: append(slices.Clip(h.with), with)}
}
