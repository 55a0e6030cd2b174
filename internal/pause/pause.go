// Package pause waits for a time, unless there is no more reason to wait.
package pause

import (
	"context"
	"time"
)

// For returns nil after d, or why ctx has ended once it has.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
