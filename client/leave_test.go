package client_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// An expiringContext is a context whose deadline passes when a test says so,
// rather than when a busy machine happens to have got that far.
type expiringContext struct {
	context.Context

	expired chan struct{}
	expire  func() // may be called again
}

func expireLater(parent context.Context) *expiringContext {
	expired := make(chan struct{})
	return &expiringContext{parent, expired, sync.OnceFunc(func() { close(expired) })}
}

func (c *expiringContext) Deadline() (time.Time, bool) { return time.Now().Add(10 * time.Second), true }

func (c *expiringContext) Done() <-chan struct{} { return c.expired }

func (c *expiringContext) Err() error {
	select {
	case <-c.expired:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestCallersContextEndsACall(t *testing.T) {
	t.Parallel()
	left := make(chan struct{}, 1)
	server := &script{}
	arrived := make(chan struct{}, 1)
	server.submit = func(ctx context.Context, _ *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
		arrived <- struct{}{}
		<-ctx.Done()
		left <- struct{}{}
		return nil, ctx.Err()
	}
	c := connect(t, server.start(t), nil)

	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := c.Run(ctx, "sleep")
	if failure, ok := errors.AsType[*task.Error](err); !ok || failure.Code != task.Cancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want CANCELLED and context.Canceled", err)
	}
	<-left // the server heard of it

	late := expireLater(t.Context())
	go func() { <-arrived; late.expire() }()
	_, err = c.Run(late, "sleep")
	if failure, ok := errors.AsType[*task.Error](err); !ok || failure.Code != task.DeadlineExceeded ||
		!errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want DEADLINE_EXCEEDED and context.DeadlineExceeded", err)
	}
	<-left
	if calls := server.calls.Load(); calls != 2 {
		t.Errorf("%d calls, want 2: a caller who left does not try again", calls)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, started := expireLater(t.Context()), time.Now()
	server := &script{}
	server.wait = func(_ context.Context, r *taskschedulerpb.WaitResultRequest) (*taskschedulerpb.ResultResponse, error) {
		if asked, left := r.GetTimeoutMs(), int64(10*time.Second/time.Millisecond); asked < 1 || int64(asked) > left {
			t.Errorf("asked to wait %d ms, want no longer than the caller does", asked)
		}
		if server.calls.Load() == 3 {
			ctx.expire()
		}
		return &taskschedulerpb.ResultResponse{Status: taskschedulerpb.TaskResponse_RUNNING}, nil // at once
	}
	c := connect(t, server.start(t), nil)
	result, err := c.Wait(ctx, "id")
	if !errors.Is(err, context.DeadlineExceeded) || result.State != client.StateRunning {
		t.Errorf("got %+v, %v, want RUNNING and context.DeadlineExceeded", result, err)
	}
	if took := time.Since(started); took < 200*time.Millisecond {
		t.Errorf("three calls in %v, want at most one each 100 ms", took)
	}
}
