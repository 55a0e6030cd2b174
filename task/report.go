package task

import (
	"context"
	"log/slog"
	"strings"
)

// Progress says how far the task is that ctx belongs to, from 0 to 1, with a few
// words or none: those who watch the task see it. Any other fraction is ignored,
// and so is all when ctx is not a task's or the task has ended. It costs little,
// and of very many reports only some are passed on.
func Progress(ctx context.Context, fraction float64, note string) {
	if call := CallOf(ctx); call.Reporter != nil {
		call.Reporter.Progress(call.Attempt, fraction, note)
	}
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
	var text strings.Builder
	text.WriteString(record.Message)
	if record.NumAttrs() > 0 || len(h.with) > 0 {
		attributes := slog.NewRecord(record.Time, record.Level, "", 0)
		record.Attrs(func(a slog.Attr) bool {
			attributes.AddAttrs(a)
			return true
		})
		text.WriteByte(' ')
		if err := h.attributes(&text).Handle(ctx, attributes); err != nil {
			return err
		}
	}
	h.call.Reporter.Log(h.call.Attempt, record.Level, strings.TrimRight(text.String(), " \n"))
	return nil
}

// attributes returns a handler that writes nothing but attributes.
func (h *logHandler) attributes(to *strings.Builder) (handler slog.Handler) {
	handler = slog.NewTextHandler(to, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
				return slog.Attr{}
			}
			return a
		},
	})
	for _, with := range h.with {
		handler = with(handler)
	}
	return handler
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
	return &logHandler{call: h.call, with: append(h.with[:len(h.with):len(h.with)], with)}
}
