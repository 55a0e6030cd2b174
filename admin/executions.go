package admin

import (
	"context"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// ListExecutions implements the rpc of that name.
func (s *service) ListExecutions(
	ctx context.Context, request *pb.ListExecutionsRequest,
) (*pb.ListExecutionsResponse, error) {
	q, err := newQuery(request)
	if err != nil {
		return nil, rpc.Error(err)
	}
	found, total := s.search(q)
	response := &pb.ListExecutionsResponse{Total: total}
	if len(found) > q.limit {
		found = found[:q.limit]
		response.NextPageToken = positionOf(found[q.limit-1]).token()
	}
	for _, x := range found {
		response.Executions = append(response.Executions, s.describeExecution(ctx, x))
	}
	if !s.wantsOnly(request) {
		s.addOthers(ctx, response, request, q.limit)
	}
	return response, nil
}

var executionStates = map[scheduler.State]pb.ExecutionState{
	scheduler.Pending:   pb.ExecutionState_EXECUTION_STATE_PENDING,
	scheduler.Running:   pb.ExecutionState_EXECUTION_STATE_RUNNING,
	scheduler.Succeeded: pb.ExecutionState_EXECUTION_STATE_SUCCEEDED,
	scheduler.Failed:    pb.ExecutionState_EXECUTION_STATE_FAILED,
	scheduler.Cancelled: pb.ExecutionState_EXECUTION_STATE_CANCELLED,
}

// describeExecution describes an execution to a caller.
func (s *service) describeExecution(ctx context.Context, x *scheduler.Execution) *pb.Execution {
	described := describeExecution(x)
	if described.NodeId = s.config.NodeID; s.hidesValues(ctx) {
		described.Message = ""
	}
	return described
}

func describeExecution(x *scheduler.Execution) *pb.Execution {
	described := &pb.Execution{
		Id:          x.ID,
		Method:      x.Task.Name,
		State:       executionStates[x.State],
		Code:        codeOf(x),
		Message:     text(x.Message),
		Detached:    x.Detached,
		Attempt:     x.Attempt,
		Overdue:     x.Overdue,
		Plugin:      pluginOf(x.Task.Name),
		MaxAttempts: allowed(x),
		RetryOf:     x.RetryOf,
		SubmittedAt: timestamppb.New(x.Submitted),
		Labels:      x.Labels,
		Caller:      callerName(x.Caller),
	}
	if !x.Started.IsZero() {
		described.StartedAt = timestamppb.New(x.Started)
		described.Duration = durationpb.New(x.Duration())
	}
	if !x.Due.IsZero() {
		described.DueAt = timestamppb.New(x.Due)
	}
	if !x.Ended.IsZero() {
		described.EndedAt = timestamppb.New(x.Ended)
	}
	return described
}

// allowed returns how often an execution may run, but not for one that runs once,
// as nearly all do.
func allowed(x *scheduler.Execution) uint32 {
	if x.MaxAttempts == 1 {
		return 0
	}
	return x.MaxAttempts
}

// codeOf returns why an execution failed, as gRPC spells it, or "".
func codeOf(x *scheduler.Execution) string {
	if x.Code == task.OK {
		return ""
	}
	return x.Code.String()
}
