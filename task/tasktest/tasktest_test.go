package tasktest_test

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
	"github.com/taskscheduler/taskscheduler/task/tasktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestExamples(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"discount": testDiscount, "poll": testPoll, "total": testTotal, "whole": testWhole,
	} {
		t.Run(name, test)
	}
}

func TestRunIsAsTheServerRunsIt(t *testing.T) {
	double := func(n int32) int32 { return 2 * n }
	add, err := task.NewSync(func(a, b int64) int64 { return a + b }, task.Name("sum"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		fn   any
		args []any
		code task.Code
		want string // the text, or a part of the message
	}{
		"a closure":                {double, []any{4}, task.OK, "8"},
		"a task":                   {add, []any{4, 5.0}, task.OK, "9"},
		"another kind of argument": {add, []any{4, "5"}, task.InvalidArgument, "sum(arg1: int64, arg2: int64) -> int64: argument 2 is a string"},
		"too many":                 {double, []any{4, 5}, task.InvalidArgument, "want 1 argument, got 2"},
		"no argument at all":       {double, []any{make(chan int)}, task.InvalidArgument, "argument 1: chan int"},
		"null":                     {double, []any{nil}, task.InvalidArgument, "argument 1"},
		"a panic":                  {func() { panic("secret") }, nil, task.Internal, " panicked"},
		"an error":                 {func() error { return errors.New("boom") }, nil, task.Internal, "boom"},
		"its own code":             {func() error { return task.Errorf(task.NotFound, "no x") }, nil, task.NotFound, "no x"},
		"text that is none":        {func() string { return "\xff" }, nil, task.Internal, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := tasktest.Run(t, test.fn, test.args...)
			if outcome.Code != test.code || !strings.Contains(outcome.Text, test.want) || (outcome.Err() == nil) != (test.code == task.OK) {
				t.Errorf("got %+v, want %v with %q", outcome.Result, test.code, test.want)
			}
			if strings.Contains(outcome.Text, "secret") {
				t.Error("a panic's value reaches the client")
			}
		})
	}
}

func TestWhatATaskSays(t *testing.T) {
	outcome := tasktest.RunTask(t.Context(), t, func(ctx context.Context) map[string]any {
		call := task.CallOf(ctx)
		task.Progress(ctx, 2, "too far")
		task.Progress(ctx, 0.5, "half")
		task.Progress(ctx, 1, "")
		task.Logger(ctx).WarnContext(ctx, "careful", "n", 1)
		return map[string]any{"id": call.ID, "attempt": call.Attempt}
	}, client.Task{ID: "mine"})
	if want := []client.Progress{{Fraction: 1, Note: "too far"}, {Fraction: 0.5, Note: "half"}, {Fraction: 1}}; !reflect.DeepEqual(outcome.Progress, want) {
		t.Errorf("progress: got %v, want %v", outcome.Progress, want)
	}
	if want := []client.LogLine{{Level: slog.LevelWarn, Text: "careful n=1"}}; !reflect.DeepEqual(outcome.Log, want) {
		t.Errorf("log: got %v, want %v", outcome.Log, want)
	}
	var call struct {
		ID      string
		Attempt int
	}
	if err := outcome.Decode(&call); err != nil || call.ID != "mine" || call.Attempt != 1 || outcome.ID != "mine" {
		t.Errorf("got %+v, %v of %s", call, err, outcome.ID)
	}
}

func TestTimeInABubble(t *testing.T) {
	t.Run("retry", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			outcome := tasktest.RunTask(t.Context(), t, func(ctx context.Context) (int, error) {
				attempt := task.CallOf(ctx).Attempt
				task.Logger(ctx).InfoContext(ctx, "try")
				if attempt < 3 {
					return 0, errors.New("not yet")
				}
				return attempt, nil
			}, client.Task{Retry: client.RetryPolicy{MaxAttempts: 5, InitialBackoff: time.Hour}})
			if outcome.Text != "3" || outcome.Attempt != 3 || len(outcome.Log) != 3 {
				t.Errorf("got %+v, want the third attempt", outcome)
			}
			if passed := time.Since(began); passed < time.Hour || passed > 2*time.Hour {
				t.Errorf("it took %v, want from 1 to 2 h", passed)
			}
		})
	})
	t.Run("the caller leaves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			outcome := tasktest.RunTask(ctx, t, Poll, client.Task{})
			if outcome.Err() == nil {
				t.Errorf("got %+v, want a failure", outcome)
			}
		})
	})
}

func TestServe(t *testing.T) {
	t.Parallel()
	c := tasktest.Serve(t, server.Config{})
	var calls sync.WaitGroup
	for range 50 {
		calls.Go(func() {
			if sum, err := client.Call[int](t.Context(), c, "add", 1, 2); err != nil || sum != 3 {
				t.Errorf("got %d, %v, want 3", sum, err)
			}
		})
	}
	calls.Wait()
	long := strings.Repeat("x", 1<<20)
	if text, err := c.Run(t.Context(), "ping", long); err != nil || text != "pong: "+long {
		t.Errorf("got %d bytes, %v", len(text), err)
	}
	node, err := c.Node(t.Context())
	if err != nil || node.ID != "test" {
		t.Errorf("got %+v, %v", node, err)
	}
	id, err := c.Submit(t.Context(), client.Task{Method: "delete"})
	if err != nil {
		t.Fatal(err)
	}
	for event, err := range c.Watch(t.Context(), id) {
		if err != nil || event.Ended != nil && event.Ended.Text != "Deleted 0 items" {
			t.Errorf("got %+v, %v", event.Ended, err)
		}
	}
}

func TestServersDontMeet(t *testing.T) {
	t.Parallel()
	a, b := tasktest.Serve(t, server.Config{NodeID: "a"}), tasktest.Serve(t, server.Config{NodeID: "b"})
	for want, c := range map[string]*client.Client{"a": a, "b": b} {
		if node, err := c.Node(t.Context()); err != nil || node.ID != want {
			t.Errorf("got %+v, %v, want %s", node, err, want)
		}
	}
}

func TestFake(t *testing.T) {
	t.Parallel()
	var asked []string
	c := tasktest.Fake(t, map[string]any{
		"mail::send":  func(to string) { asked = append(asked, to) },
		"clock":       "noon",
		"nothing":     nil,
		"unavailable": task.Errorf(task.Unavailable, "try again"),
	})
	if _, err := c.Run(t.Context(), "mail::send", "ann"); err != nil || !reflect.DeepEqual(asked, []string{"ann"}) {
		t.Errorf("asked %q, %v", asked, err)
	}
	if text, err := c.Run(t.Context(), "clock", "anything"); err != nil || text != "noon" {
		t.Errorf("got %q, %v, want noon", text, err)
	}
	if text, err := c.Run(t.Context(), "nothing"); err != nil || text != "" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := c.Run(t.Context(), "unavailable"); task.ErrorOf(err).Code != task.Unavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
	if _, err := c.Run(t.Context(), "add"); task.ErrorOf(err).Code != task.NotFound {
		t.Errorf("got %v: the tasks of the program are there", err)
	}
}
