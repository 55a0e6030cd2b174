package admin

import (
	"context"

	"google.golang.org/protobuf/types/known/anypb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/shape"
	"github.com/taskscheduler/taskscheduler/task"
)

var (
	errArgumentsHidden = task.Errorf(task.FailedPrecondition,
		"the server doesn't keep what tasks are called with: start it with Config.KeepArguments")
	errUnknown = task.Errorf(task.NotFound, "no execution of this id is known, or none any more")
)

// GetExecution implements the rpc of that name.
func (s *service) GetExecution(ctx context.Context, request *pb.GetExecutionRequest) (*pb.GetExecutionResponse, error) {
	hidden := s.hidesValues(ctx)
	arguments, result := request.GetArguments() && !hidden, request.GetResult() && !hidden
	if arguments && !s.config.KeepArguments {
		return nil, rpc.Error(errArgumentsHidden)
	}
	x := s.newest(request.GetId())
	if x == nil {
		response, err := s.executionElsewhere(ctx, request)
		return response, rpc.Error(err)
	}
	response := &pb.GetExecutionResponse{
		Execution:    s.describeExecution(ctx, x),
		NodeId:       s.config.NodeID,
		Source:       text(x.Task.Source),
		PluginSha256: x.Task.PluginSHA256,
		Caller:       callerName(x.Caller),
		ValuesHidden: hidden,
	}
	record := s.config.Scheduler.Record(x)
	addRecord(response, &record, hidden)
	s.addRelatives(response, x)
	var err error
	if arguments {
		err = addArguments(response, &record)
	}
	if result && err == nil {
		response.Result, err = s.resultOf(ctx, x)
	}
	switch { // which may be secrets
	case arguments && response.GetResult() != nil:
		s.audit(ctx, "show arguments and result", x.ID, err)
	case arguments:
		s.audit(ctx, "show arguments", x.ID, err)
	case response.GetResult() != nil:
		s.audit(ctx, "show result", x.ID, err)
	}
	return response, rpc.Error(err)
}

// addArguments adds what the execution was called with, as far as it is kept.
func addArguments(response *pb.GetExecutionResponse, r *journal.Record) (err error) {
	if r.Arguments == "" {
		return nil
	}
	response.Arguments = &r.Arguments
	// None at all are an empty list, which is kept as nothing.
	response.ArgumentValuesKept = r.Values != nil || r.Arguments == "[]"
	response.ArgumentValues, err = pack(r.Values)
	return err
}

// resultOf returns the result of an execution; nil if it has none, or it isn't kept
// any more.
func (s *service) resultOf(ctx context.Context, x *scheduler.Execution) (*anypb.Any, error) {
	if x.State != scheduler.Succeeded {
		return nil, nil //nolint:nilnil // it has none
	}
	o, ok, err := s.config.Scheduler.Get(ctx, x.ID)
	if err != nil || !ok || o.State != scheduler.Succeeded {
		return nil, err
	}
	value, ok := shape.Value(o.Result, o.Shape)
	if !ok {
		value = task.String(o.Result) // of a store that kept its text alone
	}
	packed, err := pack([]task.Value{value})
	if err != nil {
		return nil, err
	}
	return packed[0], nil
}

// newest returns the newest execution of an id, or nil.
func (s *service) newest(id string) *scheduler.Execution {
	if id == "" {
		return nil
	}
	found, _ := s.search(&query{id: id, limit: 1})
	if len(found) == 0 {
		return nil
	}
	return found[0]
}
