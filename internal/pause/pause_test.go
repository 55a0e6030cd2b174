package pause

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		if err := For(ctx, time.Second); err != nil || time.Since(begin) != time.Second {
			t.Errorf("%v after %s, want nil after a second", err, time.Since(begin))
		}
		if err := For(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("%v after %s, want an error as soon as the context has ended", err, time.Since(begin))
		}
	})
}
