package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// unsteady, beside the built-in tasks, fails before its third attempt.
var _ = task.Async(unsteady)

// closed, beside those, is never open.
var _ = task.Sync(closed)

func closed() error { return task.Errorf(task.Unavailable, "closed") }

func unsteady(ctx context.Context) (string, error) {
	const succeeds = 3
	if attempt := task.CallOf(ctx).Attempt; attempt < succeeds {
		return "", task.Errorf(task.Internal, "attempt %d failed", attempt)
	}
	return "done", nil
}

// The server runs a task again that failed; each wait is longer than the one
// before, and half of it is random.
func ExampleRetryPolicy() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	result, err := c.RunTask(context.Background(), client.Task{
		Method: "unsteady",
		Retry:  client.RetryPolicy{MaxAttempts: 5, InitialBackoff: 10 * time.Millisecond, MaxBackoff: time.Second},
	})
	fmt.Println(result.Text, "at attempt", result.Attempt, err)
	// Output: done at attempt 3 <nil>
}

// A task may wait for a time of its own; whoever asks for it meanwhile finds it
// pending.
func ExampleTask_startAt() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	id, err := c.Submit(ctx, client.Task{Method: "ping", StartAt: time.Now().Add(5 * time.Second)})
	if err != nil {
		fmt.Println(err)
		return
	}
	now, err := c.Result(ctx, id)
	fmt.Println(now.State, err)
	then, err := c.Wait(ctx, id)
	fmt.Println(then.Text, err)
	// Output:
	// PENDING <nil>
	// pong <nil>
}

func TestAttemptsThatAreUsedUp(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	used := client.Task{Method: "unsteady", Retry: client.RetryPolicy{MaxAttempts: 2, InitialBackoff: time.Millisecond}}
	result, err := c.RunTask(t.Context(), used)
	wantFailure(t, err, task.Internal, "attempt 2 failed")
	if result.Attempt != 2 || result.State != client.StateFailed {
		t.Errorf("%+v", result)
	}
	if elsewhere, err := c.RunTask(t.Context(), client.Task{ID: result.ID, Method: "unsteady"}); elsewhere.Attempt != 2 || err == nil {
		t.Errorf("who joins is told %+v, %v", elsewhere, err)
	}
	used.Retry.Codes = []task.Code{task.Unavailable}
	result, err = c.RunTask(t.Context(), used)
	wantFailure(t, err, task.Internal, "attempt 1 failed")
	if result.Attempt != 1 {
		t.Errorf("%+v", result)
	}
}

// TestAnOutcomeIsNoReasonToCallAgain, though its code is that of a server that is
// not there.
func TestAnOutcomeIsNoReasonToCallAgain(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), func(cfg *client.Config) { cfg.BackoffBase, cfg.BackoffMax = time.Hour, time.Hour })
	task := client.Task{Method: "closed", Retry: client.RetryPolicy{MaxAttempts: 2, InitialBackoff: time.Millisecond}}
	result, err := c.RunTask(t.Context(), task) // which would wait for an hour
	if result.State != client.StateFailed || result.Attempt != 2 || err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestPoliciesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	for want, policy := range map[string]client.RetryPolicy{
		"Retry.MaxAttempts -1: want 1 or more": {MaxAttempts: -1},
		"Retry.MaxAttempts is missing":         {MaxBackoff: time.Second},
		"retry.initial_backoff -1s":            {MaxAttempts: 1, InitialBackoff: -time.Second},
		"retry.multiplier 0.5":                 {MaxAttempts: 1, Multiplier: 0.5},
	} {
		_, err := c.RunTask(t.Context(), client.Task{Method: "ping", Retry: policy})
		wantFailure(t, err, task.InvalidArgument, want)
		if failure, ok := errors.AsType[*client.TaskError](err); !ok || failure.Method != "ping" {
			t.Errorf("%v names no task", err)
		}
	}
}
