package admin

import (
	"context"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

var errArgumentsHidden = task.Errorf(task.FailedPrecondition,
	"the server doesn't keep what tasks are called with: start it with Config.KeepArguments")

// GetExecution implements the rpc of that name.
func (s *service) GetExecution(ctx context.Context, request *pb.GetExecutionRequest) (*pb.GetExecutionResponse, error) {
	if request.GetArguments() && !s.config.KeepArguments {
		return nil, rpc.Error(errArgumentsHidden)
	}
	x := s.newest(request.GetId())
	if x == nil {
		return nil, rpc.Error(task.Errorf(task.NotFound, "no execution of this id is known, or none any more"))
	}
	response := &pb.GetExecutionResponse{
		Execution: s.describeExecution(ctx, x),
		NodeId:    s.config.NodeID,
		Source:    text(x.Task.Source),
		Caller:    callerName(x.Caller),

		PluginSha256: x.Task.PluginSHA256,
	}
	addRecord(response, s.config.Scheduler.Record(x), request.GetArguments())
	if request.GetArguments() { // which may be secrets
		s.audit(ctx, "show arguments", x.ID, nil)
	}
	return response, nil
}

// newest returns the newest execution of an id, or nil.
func (s *service) newest(id string) *scheduler.Execution {
	if id == "" {
		return nil
	}
	found := s.search(&query{id: id, limit: 1})
	if len(found) == 0 {
		return nil
	}
	return found[0]
}
