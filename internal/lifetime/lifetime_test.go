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

// told is a follower that notes what it was told as.
type told chan uint64

func (t told) Ended(as uint64) { t <- as }

func TestAnEndIsToldToAll(t *testing.T) {
	var ctx own
	child, cancel := context.WithCancel(&ctx)
	defer cancel()
	stop := context.AfterFunc(&ctx, func() { t.Error("it was stopped") })
	if !stop() || stop() {
		t.Error("what was stopped once can be stopped no more")
	}
	follower := make(told, 4)
	first, second := Follow(&ctx, follower, 1), Follow(&ctx, follower, 2)
	Follow(&ctx, follower, 3)
	Follow(&ctx, follower, 4)
	first.Stop()
	second.Stop()
	before := ctx.Done()
	if ctx.Err() != nil || child.Err() != nil {
		t.Error("it has ended already")
	}
	ctx.End()
	ctx.End()
	<-before
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
		t.Errorf("%v, the child %v", ctx.Err(), child.Err())
	}
	if len(follower) != 2 || <-follower+<-follower != 3+4 {
		t.Error("two who follow are to be told, and once")
	}
	Follow(&ctx, follower, 5).Stop()
	if late := <-follower; late != 5 {
		t.Errorf("who follows an end that has been was told as %d", late)
	}
}

func TestOtherContextsAreFollowedToo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	follower := make(told, 2)
	Follow(ctx, follower, 1)
	Follow(ctx, follower, 2).Stop()
	cancel()
	if as := <-follower; as != 1 {
		t.Errorf("told as %d", as)
	}
}

func TestFollowingTakesNoMemory(t *testing.T) {
	var ctx own
	follower := make(told)
	if n := testing.AllocsPerRun(100, func() { Follow(&ctx, follower, 1).Stop() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
