package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// openStream returns a stream to a server of its own, which the test's end closes.
func openStream(t *testing.T, c *client.Client) *client.Stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := c.Stream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = s.Close()
	})
	return s
}

func TestStreamOfManyGoroutines(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	s := openStream(t, c)
	var callers sync.WaitGroup
	for i := range 32 {
		callers.Go(func() {
			for j := range 50 {
				want := fmt.Sprintf("%d-%d", i, j)
				result, err := s.RunTask(t.Context(), client.Task{Method: "echo_string", Args: []any{want}})
				if err != nil || result.Text != want || result.ID == "" {
					t.Errorf("got %+v, %v, want %s", result, err, want)
				}
			}
		})
	}
	callers.Wait()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	_, err := s.RunTask(t.Context(), client.Task{Method: "ping"})
	wantFailure(t, err, task.FailedPrecondition, "closed")
	if err := s.Close(); err != nil {
		t.Errorf("Close once more: %v", err)
	}
}

// A task that fails, or is refused, is an answer like others.
func TestStreamGoesOnAfterFailures(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	s := openStream(t, c)
	for _, call := range []struct {
		task    client.Task
		code    task.Code
		message string
	}{
		{client.Task{Method: "nix"}, task.NotFound, "Method not found"},
		{client.Task{Method: "add", Args: []any{"one"}}, task.InvalidArgument, "argument 1 is a string"},
		{client.Task{Method: "ping", Args: []any{make(chan int)}}, task.InvalidArgument, "argument 1"},
		{client.Task{Method: "ping", Deps: []string{"nobody"}}, task.FailedPrecondition, "nobody"},
		{client.Task{Method: "hang", ExecutionTimeout: time.Millisecond}, task.DeadlineExceeded, ""},
	} {
		_, err := s.RunTask(t.Context(), call.task)
		wantFailure(t, err, call.code, call.message)
		if failed, ok := errors.AsType[*client.TaskError](err); !ok || failed.Method != call.task.Method {
			t.Errorf("got %+v, want a TaskError of %s", failed, call.task.Method)
		}
	}
	if result, err := s.RunTask(t.Context(), client.Task{Method: "ping"}); err != nil || result.Text != "pong" {
		t.Errorf("got %+v, %v, want pong", result, err)
	}
}

// Who submits waits while the server doesn't read, and the stream's context ends that.
func TestStreamHoldsBackWhoSubmits(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	streamCtx, end := context.WithCancel(t.Context())
	defer end()
	s, err := c.Stream(streamCtx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RunTask(t.Context(), client.Task{Method: "ping"}); err != nil { // the answer has begun
		t.Fatal(err)
	}
	const inFlight = 1000 // the contract's
	for range inFlight {
		if err := s.Submit(t.Context(), client.Task{Method: "hang"}, func(client.Result, error) {}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	submitted, large := 0, strings.Repeat("x", 100_000)
	for {
		err := s.Submit(ctx, client.Task{Method: "ping", Args: []any{large}}, func(client.Result, error) {})
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if submitted++; submitted > 300 {
			t.Fatal("30 MB are on their way to a server that doesn't read")
		}
	}
	end()
	if err := s.Close(); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: got %v, want context.Canceled", err)
	}
}

// A caller who leaves ends its wait alone.
func TestCallerLeavesAStream(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	s := openStream(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for state := client.StateNotFound; state == client.StateNotFound; {
			result, err := c.Result(t.Context(), "left")
			if err != nil {
				break
			}
			state = result.State
		}
		cancel()
	}()
	result, err := s.RunTask(ctx, client.Task{ID: "left", Method: "hang"})
	if !errors.Is(err, context.Canceled) || result.ID != "left" {
		t.Errorf("got %+v, %v, want context.Canceled", result, err)
	}
	if result, err := s.RunTask(t.Context(), client.Task{Method: "ping"}); err != nil || result.Text != "pong" {
		t.Errorf("got %+v, %v, want pong", result, err)
	}
	if result, err := c.Result(t.Context(), "left"); err != nil || result.State.Ended() {
		t.Errorf("got %+v, %v, want a task that goes on", result, err)
	}
}

func TestStreamsContextCancelsItsTasks(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	ctx, cancel := context.WithCancel(t.Context())
	s, err := c.Stream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	if err := s.Submit(ctx, client.Task{ID: "mine", Method: "hang"}, func(_ client.Result, err error) { ended <- err }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RunTask(t.Context(), client.Task{Method: "ping"}); err != nil { // so that the server has both
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if err := s.Close(); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: got %v, want context.Canceled", err)
	}
	for { // Wait would be somebody who wants it to go on
		result, err := c.Result(t.Context(), "mine")
		if err != nil {
			t.Fatal(err)
		}
		if result.State == client.StateCancelled || result.State == client.StateNotFound {
			break
		}
	}
}

// A task that is left to run is answered at once.
func TestStreamOfDetachedTasks(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	s := openStream(t, c)
	result, err := s.RunTask(t.Context(), client.Task{Method: "fibonacci", Args: []any{10}, Detached: true})
	if err != nil || result.State.Ended() {
		t.Errorf("got %+v, %v, want a state that is not the last", result, err)
	}
	if result, err = c.Wait(t.Context(), result.ID); err != nil || result.Text != "55" {
		t.Errorf("got %+v, %v, want 55", result, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
