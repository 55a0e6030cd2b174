package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	rpc "connectrpc.com/connect"
	"github.com/google/uuid"

	"github.com/taskscheduler/taskscheduler/client"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestBusyServerIsAskedAgainWithTheSameID(t *testing.T) {
	t.Parallel()
	for _, code := range []rpc.Code{rpc.CodeUnavailable, rpc.CodeResourceExhausted} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			var ids []string
			server := &script{}
			server.submit = func(_ context.Context, r *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
				ids = append(ids, r.GetTaskId())
				if len(ids) < 3 {
					return nil, rpc.NewError(code, errors.New("later"))
				}
				return &taskschedulerpb.TaskResponse{
					TaskId: r.GetTaskId(), Status: taskschedulerpb.TaskResponse_SUCCESS, Result: "6", NodeId: "n1",
				}, nil
			}
			c := connect(t, server.start(t), nil)
			result, err := c.RunTask(t.Context(), client.Task{Method: "add", Args: []any{1, 2, 3}})
			if err != nil || result.Text != "6" || result.State != client.StateSuccess || result.NodeID != "n1" {
				t.Errorf("got %+v, %v, want SUCCESS with 6 from n1", result, err)
			}
			if len(ids) != 3 || ids[0] != ids[1] || ids[1] != ids[2] || ids[0] != result.ID {
				t.Errorf("the attempts had ids %q, the result %q, want three times the same", ids, result.ID)
			}
			if id, err := uuid.Parse(ids[0]); err != nil || id.Version() != 7 {
				t.Errorf("id %q is no UUIDv7", ids[0])
			}
		})
	}
}

func TestFinalFailuresAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	for _, want := range []*task.Error{
		task.Errorf(task.InvalidArgument, "argument 2: want int32, got string"),
		task.Errorf(task.NotFound, "Method not found: nix"),
		task.Errorf(task.Internal, "boom"),
		task.Errorf(task.ResourceExhausted, "message size 5242880 is larger than configured max 4194304"),
		task.Errorf(task.Cancelled, "task cancelled"),
	} {
		t.Run(want.Code.String(), func(t *testing.T) {
			t.Parallel()
			server := &script{submit: func(context.Context, *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
				return nil, rpc.NewError(rpc.Code(want.Code), errors.New(want.Message))
			}}
			c := connect(t, server.start(t), nil)
			_, err := c.Run(t.Context(), "add")
			failure, ok := errors.AsType[*task.Error](err)
			if !ok || failure.Code != want.Code || failure.Message != want.Message {
				t.Errorf("got %#v, want %v: %s", err, want.Code, want.Message)
			}
			if errors.Is(err, client.ErrUnreachable) {
				t.Error("a server that answers is no unreachable one")
			}
			if calls := server.calls.Load(); calls != 1 {
				t.Errorf("%d calls, want 1", calls)
			}
		})
	}
}

func TestAttemptsHaveAnEnd(t *testing.T) {
	t.Parallel()
	server := &script{submit: func(context.Context, *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
		return nil, rpc.NewError(rpc.CodeUnavailable, errors.New("draining"))
	}}
	c := connect(t, server.start(t), func(cfg *client.Config) { cfg.Attempts = 3 })
	result, err := c.RunTask(t.Context(), client.Task{ID: "mine", Method: "add"})
	failure, ok := errors.AsType[*task.Error](err)
	if !ok || failure.Code != task.Unavailable || failure.Message != "draining" || errors.Is(err, client.ErrUnreachable) {
		t.Errorf("got %v, want the server's UNAVAILABLE", err)
	}
	if calls := server.calls.Load(); calls != 3 {
		t.Errorf("%d calls, want 3", calls)
	}
	if result.ID != "mine" || result.State != client.StateUnknown {
		t.Errorf("got %+v, want id mine and an unknown state", result)
	}
}

func TestTooLargeAnswerIsRefusedOnce(t *testing.T) {
	t.Parallel()
	server := &script{submit: func(context.Context, *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
		return &taskschedulerpb.TaskResponse{
			Status: taskschedulerpb.TaskResponse_SUCCESS, Result: strings.Repeat("x", 2000),
		}, nil
	}}
	c := connect(t, server.start(t), func(cfg *client.Config) { cfg.MaxMessageBytes = 1000 })
	_, err := c.Run(t.Context(), "add")
	failure, ok := errors.AsType[*task.Error](err)
	if !ok || failure.Code != task.ResourceExhausted || !strings.Contains(failure.Message, "larger than") {
		t.Errorf("got %v, want RESOURCE_EXHAUSTED for a message larger than the limit", err)
	}
	if calls := server.calls.Load(); calls != 1 {
		t.Errorf("%d calls, want 1", calls)
	}
}

func TestWaitAsksUntilTheTaskHasEnded(t *testing.T) {
	t.Parallel()
	answers := []*taskschedulerpb.ResultResponse{
		{Status: taskschedulerpb.TaskResponse_PENDING},
		{Status: taskschedulerpb.TaskResponse_RUNNING},
		{Status: taskschedulerpb.TaskResponse_FAILED, Result: "boom", ErrorCode: uint32(task.FailedPrecondition)},
	}
	server := &script{}
	server.wait = func(_ context.Context, r *taskschedulerpb.WaitResultRequest) (*taskschedulerpb.ResultResponse, error) {
		if r.GetTimeoutMs() != 30_000 {
			t.Errorf("asked to wait %d ms, want 30 s", r.GetTimeoutMs())
		}
		return answers[server.calls.Load()-1], nil
	}
	c := connect(t, server.start(t), nil)
	result, err := c.Wait(t.Context(), "id")
	if failure, ok := errors.AsType[*task.Error](err); !ok || failure.Code != task.FailedPrecondition || failure.Message != "boom" {
		t.Errorf("got %v, want FAILED_PRECONDITION: boom", err)
	}
	if result.State != client.StateFailed || result.ID != "id" {
		t.Errorf("got %+v, want FAILED", result)
	}
}

// The predecessor's server has no error_code, and may answer OK for a failure.
func TestAnswersOfTheOldServer(t *testing.T) {
	t.Parallel()
	server := &script{submit: func(_ context.Context, r *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
		return &taskschedulerpb.TaskResponse{
			TaskId: r.GetTaskId(), Status: taskschedulerpb.TaskResponse_FAILED, Result: "division by zero",
		}, nil
	}}
	c := connect(t, server.start(t), nil)
	text, err := c.Run(t.Context(), "divide", 1, 0)
	if failure, ok := errors.AsType[*task.Error](err); text != "" || !ok || failure.Code != task.Internal ||
		failure.Message != "division by zero" {
		t.Errorf("got %q, %v, want INTERNAL: division by zero", text, err)
	}
}

func TestArgumentsThatCannotBePacked(t *testing.T) {
	t.Parallel()
	server := &script{}
	c := connect(t, server.start(t), nil)
	for _, bad := range []client.Task{
		{Method: "add", Args: []any{1, make(chan int)}},
		{Method: "add", Args: []any{1, nil}},
		{Method: "add", ExecutionTimeout: -1},
		{Method: "add", DependencyTimeout: -time.Second},
	} {
		_, err := c.RunTask(t.Context(), bad)
		failure, ok := errors.AsType[*task.Error](err)
		if !ok || failure.Code != task.InvalidArgument {
			t.Errorf("%+v: got %v, want INVALID_ARGUMENT", bad, err)
		}
		if len(bad.Args) > 0 && !strings.HasPrefix(failure.Message, "argument 2: ") {
			t.Errorf("%+v: message %q does not name argument 2", bad, failure.Message)
		}
	}
	if calls := server.calls.Load(); calls != 0 {
		t.Errorf("%d calls, want none", calls)
	}
}

func TestRequestCarriesEverything(t *testing.T) {
	t.Parallel()
	var got *taskschedulerpb.TaskRequest
	server := &script{submit: func(_ context.Context, r *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
		got = r
		return &taskschedulerpb.TaskResponse{TaskId: r.GetTaskId()}, nil
	}}
	c := connect(t, server.start(t), nil)
	id, err := c.Submit(t.Context(), client.Task{
		ID: "mine", Method: "add", Args: []any{1}, Deps: []string{"a", "b"},
		DependencyTimeout: time.Second, ExecutionTimeout: time.Microsecond, InjectResults: true,
		Labels: map[string]string{"team": "a"},
	})
	if err != nil || id != "mine" {
		t.Fatalf("got %q, %v, want mine", id, err)
	}
	if !got.GetDetached() || got.GetMethod() != "add" || len(got.GetDeps()) != 2 || !got.GetInjectDependencyResults() ||
		got.GetDependencyTimeoutMs() != 1000 || got.GetExecutionTimeoutMs() != 1 || got.GetLabels()["team"] != "a" ||
		got.GetArgs()[0].GetTypeUrl() != "type.googleapis.com/google.protobuf.Int32Value" {
		t.Errorf("the server got %v", got)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, bad := range []client.Config{
		{},
		{Addr: "localhost"},
		{Addr: "localhost:"},
		{Addr: "http://localhost:50051"},
		{Addr: "localhost:1", Attempts: -1},
		{Addr: "localhost:1", BackoffBase: -1},
		{Addr: "localhost:1", MaxMessageBytes: -1},
	} {
		if _, err := client.New(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
