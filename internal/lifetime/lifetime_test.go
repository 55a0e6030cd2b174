package lifetime

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// own is a context as others make them of a Lifetime.
type own struct{ Lifetime }

func (*own) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }
func (*own) Value(any) any                           { return nil }

func TestAnEndIsToldToAll(t *testing.T) {
	var ctx own
	child, cancel := context.WithCancel(&ctx)
	defer cancel()
	called := 0
	After(&ctx, func() { called++ })
	stop := After(&ctx, func() { t.Error("it was stopped") })
	if !stop() || stop() {
		t.Error("what was stopped once can be stopped no more")
	}
	before := ctx.Done()
	if ctx.Err() != nil || child.Err() != nil {
		t.Error("it has ended already")
	}
	ctx.End()
	ctx.End()
	<-before
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) || called != 1 {
		t.Errorf("%v, the child %v, called %d times", ctx.Err(), child.Err(), called)
	}
	late := make(chan struct{})
	if stop := After(&ctx, func() { close(late) }); stop() {
		t.Error("what follows an end that has been can't be stopped")
	}
	<-late
}

func TestOtherContextsAreFollowedToo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	called := make(chan struct{})
	After(ctx, func() { close(called) })
	cancel()
	<-called
}
