package taskplugin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// A Call is one call of a task, for as long as the task's function runs. It may
// be used by many goroutines. The zero Call is for tests: it is never cancelled,
// and nobody hears what it says.
type Call struct {
	// Attempt is 1, 2, …
	Attempt uint32
	// TaskID is the client's id of the execution, the same in all attempts.
	TaskID string
	// Deadline is when the caller gives up; zero: never.
	Deadline time.Time

	id  uint64
	raw *rawCall
}

// Cancelled tells whether the caller has given up, or time is over. A task that
// takes long asks now and then, and returns [ErrCancelled].
func (c *Call) Cancelled() bool {
	return c.raw != nil && (c.raw.isCancelled() || hostCancelled(c.id))
}

// Context returns a context that ends when the caller gives up. The function
// that it returns has to be called when it is needed no more.
func (c *Call) Context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	if c.raw == nil {
		return ctx, cancel
	}
	const pause = 10 * time.Millisecond
	go func() {
		ticks := time.NewTicker(pause)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				if c.Cancelled() {
					cancel()
				}
			}
		}
	}()
	return ctx, cancel
}

// Log writes a line to the server's log, with the plugin's and the task's name.
func (c *Call) Log(level slog.Level, text string) {
	if c.raw != nil {
		hostLog(c.id, int32(level), text)
	}
}

// Progress says how far the call is, from 0 to 1.
func (c *Call) Progress(fraction float64, note string) {
	if c.raw != nil {
		hostProgress(c.id, fraction, note)
	}
}

// The ABI's statuses.
const (
	statusOK           = 0
	statusFailed       = 1
	statusRetry        = 2
	statusCancelled    = 3
	statusBadArguments = 4
	statusPending      = 100
)

// A failure is an error with one of the ABI's statuses.
type failure struct {
	status int32
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// ErrCancelled is what a task returns that gives up because [Call.Cancelled]
// says so. Errors that are context.Canceled count as well.
var ErrCancelled error = &failure{statusCancelled, context.Canceled}

// BadArguments returns an error that the caller gets as INVALID_ARGUMENT: trying
// again would not help.
func BadArguments(format string, args ...any) error {
	return &failure{statusBadArguments, fmt.Errorf(format, args...)}
}

// Retry returns an error that the caller gets as UNAVAILABLE: the task may
// succeed when tried again.
func Retry(err error) error { return &failure{statusRetry, err} }

// statusOf returns how a task ends that returned that error.
func statusOf(err error) int32 {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f.status
	case errors.Is(err, context.Canceled):
		return statusCancelled
	default:
		return statusFailed
	}
}
