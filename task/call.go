package task

import (
	"context"
	"log/slog"
)

// A Call is what a task that takes a context may want to know about the call
// that it answers, for instance to make its effects idempotent.
type Call struct {
	// ID is the client's task_id, or the one that the server gave.
	ID string
	// Attempt is 1, 2, …
	Attempt int
	// Reporter is told what the task says of itself, see [Progress] and [Logger].
	// Nil: nobody.
	Reporter Reporter
}

// A Reporter is told what a task says of itself while it runs, by the task's own
// goroutines: it must be quick. Attempt is the [Call]'s; what one says that is
// over is ignored.
type Reporter interface {
	// Progress takes in how far the task is, see [Progress].
	Progress(attempt int, fraction float64, note string)
	// Log takes in a line of the task's log.
	Log(attempt int, level slog.Level, text string)
}

type callKey struct{}

// callContext is a context with a call: one allocation.
type callContext struct {
	context.Context //nolint:containedctx // it is a context, with one value more

	call Call
}

// Value implements [context.Context].
func (c *callContext) Value(key any) any {
	if _, ok := key.(callKey); ok {
		return &c.call
	}
	return c.Context.Value(key)
}

// WithCall returns a context that carries call.
func WithCall(ctx context.Context, call Call) context.Context {
	return &callContext{ctx, call}
}

// CallOf returns the call that a task's context belongs to, or the zero Call.
func CallOf(ctx context.Context) Call {
	if call, ok := ctx.Value(callKey{}).(*Call); ok {
		return *call
	}
	return Call{}
}
