package client

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	"github.com/taskscheduler/taskscheduler/internal/pause"
)

// backoff makes calls again after failures that time may heal, with pauses
// that double and are cut to a random length ("full jitter").
type backoff struct {
	attempts  int
	base, max time.Duration
	jitter    func(limit time.Duration) time.Duration
}

func newBackoff(attempts int, base, limit time.Duration) backoff {
	return backoff{attempts, base, limit, func(limit time.Duration) time.Duration {
		return rand.N(limit + 1) //nolint:gosec // no secret
	}}
}

// do returns call's error when it is final, when the attempts are used up, or
// when ctx's deadline would pass in the next pause.
func (b backoff) do(ctx context.Context, call func() error) error {
	for attempt := 1; ; attempt++ {
		err := call()
		if err == nil || attempt >= b.attempts || !link.MayHelp(err) {
			return err
		}
		rest := b.jitter(b.limit(attempt))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= rest {
			return err
		}
		if cause := pause.For(ctx, rest); cause != nil {
			return link.ContextError(cause)
		}
	}
}

// limit returns the longest pause after the given attempt (1, 2, …).
func (b backoff) limit(attempt int) time.Duration {
	limit := b.base
	for range attempt - 1 {
		if limit >= b.max/2 {
			return b.max
		}
		limit *= 2
	}
	return min(limit, b.max)
}
