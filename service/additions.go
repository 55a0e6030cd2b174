package service

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

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

func rpcNotYet(rpc string) error {
	return connect.NewError(connect.CodeUnimplemented, fmt.Errorf("%s is not supported yet", rpc))
}
