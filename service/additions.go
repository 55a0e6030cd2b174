package service

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// The contract's additions that this server can't do yet are refused by name:
// a client that asks for one would otherwise believe that it got it.

// unsupported refuses a submission that asks for such an addition.
func unsupported(request *pb.TaskRequest) error {
	switch {
	case request.GetTypedResult():
		return notYet("typed_result")
	case request.GetRetry() != nil:
		return notYet("retry")
	case request.GetStartAt() != nil:
		return notYet("start_at")
	case len(request.GetLabels()) > 0:
		return notYet("labels")
	case request.GetDurable():
		return notYet("durable")
	case request.GetPriority() != 0:
		return notYet("priority")
	case request.GetConcurrencyKey() != "":
		return notYet("concurrency_key")
	}
	return nil
}

// unsupportedResult refuses a question for a result in a form that this server
// can't give.
func unsupportedResult(request interface{ GetTypedResult() bool }) error {
	if request.GetTypedResult() {
		return notYet("typed_result")
	}
	return nil
}

// SubmitTasks implements the rpc of that name.
func (s *service) SubmitTasks(context.Context, *connect.BidiStream[pb.TaskRequest, pb.TaskResponse]) error {
	return rpcNotYet("SubmitTasks")
}

// SubmitBatch implements the rpc of that name.
func (s *service) SubmitBatch(context.Context, *pb.BatchRequest) (*pb.BatchResponse, error) {
	return nil, rpcNotYet("SubmitBatch")
}

// WatchTask implements the rpc of that name.
func (s *service) WatchTask(context.Context, *pb.WatchTaskRequest, *connect.ServerStream[pb.TaskEvent]) error {
	return rpcNotYet("WatchTask")
}

// DescribeTask implements the rpc of that name.
func (s *service) DescribeTask(context.Context, *pb.DescribeTaskRequest) (*pb.TaskDescription, error) {
	return nil, rpcNotYet("DescribeTask")
}

func notYet(field string) error {
	return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("%s is not supported yet: leave it out", field))
}

func rpcNotYet(rpc string) error {
	return connect.NewError(connect.CodeUnimplemented, fmt.Errorf("%s is not supported yet", rpc))
}
