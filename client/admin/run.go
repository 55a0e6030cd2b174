package admin

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// Run is a task for an operator to run.
type Run struct {
	Method string
	// Args are packed as [task.ValueOf] says.
	Args []any
	// ID is the task's; empty: the server makes one.
	ID     string
	Labels map[string]string
	// ExecutionTimeout bounds the run; zero: nothing does.
	ExecutionTimeout time.Duration
	// StartAt is the time before which it doesn't start; zero: at once.
	StartAt time.Time
	// Again is the id of a task that is run once more with what it was called with, in
	// place of Args and, if that is empty, Method.
	Again string
	// DryRun: the arguments are looked at, and nothing is done.
	DryRun bool
}

// RunTask submits a task that runs on its own, and returns its id.
func (c *Client) RunTask(ctx context.Context, run Run) (id string, err error) {
	request := &adminpb.RunTaskRequest{
		Method: run.Method, Id: run.ID, Labels: run.Labels, StartAt: stamp(run.StartAt), Again: run.Again, DryRun: run.DryRun,
	}
	if run.ExecutionTimeout > 0 {
		request.ExecutionTimeout = durationpb.New(run.ExecutionTimeout)
	}
	for i, arg := range run.Args {
		value, err := task.ValueOf(arg)
		if err != nil {
			return "", task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		typeURL, packed, err := wire.Encode(value)
		if err != nil {
			return "", task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		request.Arguments = append(request.Arguments, &anypb.Any{TypeUrl: typeURL, Value: packed})
	}
	response, err := call(ctx, c, c.rpc.RunTask, request)
	return response.GetId(), err
}

// message is what chooses of a filter whose tasks have not ended.
func (f *Filter) message() (*adminpb.ExecutionFilter, error) {
	states, err := numbers[adminpb.ExecutionState](f.States, ExecutionStates())
	return &adminpb.ExecutionFilter{
		IdPrefix: f.IDPrefix, States: states, Method: f.Method, Plugin: f.Plugin, Labels: f.Labels, Caller: f.Caller,
		Since: stamp(f.Since), Until: stamp(f.Until),
	}, err
}

// CancelExecutions cancels those that a filter lets pass and that have not ended; all
// of them if it has nothing else and all is said. It returns how many there were, and
// how many were cancelled. dry: only tell how many it would be.
func (c *Client) CancelExecutions(ctx context.Context, filter Filter, all, dry bool) (matched, cancelled int, err error) {
	which, err := filter.message()
	if err != nil {
		return 0, 0, err
	}
	response, err := call(ctx, c, c.rpc.CancelExecutions, &adminpb.CancelExecutionsRequest{
		Filter: which, All: all, DryRun: dry, Limit: uint32(max(filter.Limit, 0)),
	})
	if err == nil && response.GetReason() != "" {
		err = task.Errorf(task.Internal, "not all could be cancelled; %s", response.GetReason())
	}
	if nodes := response.GetUnansweredNodes(); err == nil && len(nodes) > 0 {
		err = silent(nodes)
	}
	return int(response.GetMatched()), int(response.GetCancelled()), err
}
