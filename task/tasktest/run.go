package tasktest

import (
	"context"
	"log/slog"
	"reflect"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/shape"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// An Outcome is what became of a run: the Result that a client gets, its Value
// included, and what the task said of itself.
type Outcome struct {
	client.Result

	Progress []client.Progress
	Log      []client.LogLine
}

// Run runs a task once, as the server does for a client that gives these arguments.
// fn is a function that [task.Sync] or [task.Async] would take, or a [*task.Task].
// What can't be a task ends the test; that the task fails doesn't, [client.Result.Err]
// tells. When the test ends first, the task is cancelled.
func Run(t testing.TB, fn any, args ...any) Outcome {
	t.Helper()
	return RunTask(t.Context(), t, fn, client.Task{Args: args})
}

// RunTask is Run for a task with an ID, an ExecutionTimeout or a Retry; how it
// carries these out is the server's too. The caller goes away when ctx ends, which
// cancels the task.
func RunTask(ctx context.Context, t testing.TB, fn any, what client.Task) Outcome {
	t.Helper()
	if len(what.Deps) > 0 || what.Detached || !what.StartAt.IsZero() {
		t.Fatal("tasktest: a run has no Deps or StartAt, and isn't Detached: use Serve for a test of those")
	}
	recorded := &recorder{}
	run := *taskOf(t, fn)
	run.Run = recorded.around(run.Run)
	tasks := new(task.Registry)
	if err := tasks.Add(&run); err != nil {
		t.Fatal(err)
	}
	request := scheduler.Request{
		ID: what.ID, Method: run.Name, Args: arguments(what.Args), ExecutionTimeout: what.ExecutionTimeout, Labels: what.Labels,
	}
	if retry := what.Retry; retry.MaxAttempts > 1 {
		request.Retry = &scheduler.RetryPolicy{
			MaxAttempts: uint32(retry.MaxAttempts), InitialBackoff: retry.InitialBackoff, MaxBackoff: retry.MaxBackoff,
			Multiplier: retry.Multiplier, Codes: retry.Codes,
		}
	}
	s := scheduler.New(scheduler.Config{
		Tasks: tasks, Store: new(kept), Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	receipt, err := s.Submit(ctx, request)
	outcome := recorded.outcome()
	outcome.Result = resultOf(receipt, err)
	return outcome
}

// taskOf makes a task of a function, as registering it would.
func taskOf(t testing.TB, fn any) *task.Task {
	t.Helper()
	if made, ok := fn.(*task.Task); ok && made != nil {
		return made
	}
	made, err := newTask(fn)
	if err != nil {
		made, err = newTask(fn, task.Name("task")) // a closure has no name of its own
	}
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// newTask returns an async task where the function can be one.
func newTask(fn any, options ...task.Option) (*task.Task, error) {
	f := reflect.TypeOf(fn)
	if f != nil && f.Kind() == reflect.Func && f.NumIn() > 0 && f.In(0) == reflect.TypeFor[context.Context]() {
		return task.NewAsync(fn, options...)
	}
	return task.NewSync(fn, options...)
}

// arguments are a client's, which go by the wire as they would.
type arguments []any

// Decode implements [scheduler.Arguments].
func (a arguments) Decode(limit int) (args []task.Value, size int, err error) {
	if len(a) > limit {
		return nil, 0, task.Errorf(task.InvalidArgument, "%d arguments; at most %d", len(a), limit)
	}
	args = make([]task.Value, len(a))
	for i, arg := range a {
		v, err := task.ValueOf(arg)
		if err != nil {
			return nil, 0, task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		typeURL, bytes, err := wire.Encode(v)
		if err != nil {
			return nil, 0, task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		if args[i], err = wire.Decode(typeURL, bytes); err != nil {
			return nil, 0, task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		size += len(bytes)
	}
	return args, size, nil
}

// Drop implements [scheduler.Arguments].
func (arguments) Drop() {}

// resultOf is what a client is told.
func resultOf(receipt scheduler.Receipt, err error) client.Result {
	r := client.Result{ID: receipt.ID, Attempt: int(receipt.Attempt)}
	failure := receipt.Err
	if err != nil { // refused, or the caller has left
		failure = task.ErrorOf(err)
	}
	switch {
	case failure == nil:
		r.State, r.Text = client.StateSuccess, receipt.Result
		r.Value, _ = shape.Value(receipt.Result, receipt.Shape)
	case receipt.State == store.Cancelled, failure.Code == task.Cancelled && err != nil:
		r.State, r.Text, r.Code = client.StateCancelled, failure.Message, failure.Code
	default:
		r.State, r.Text, r.Code = client.StateFailed, failure.Message, failure.Code
	}
	return r
}
