package service

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// WatchTask implements the rpc of that name.
func (s *service) WatchTask(context.Context, *pb.WatchTaskRequest, *connect.ServerStream[pb.TaskEvent]) error {
	return rpcNotYet("WatchTask")
}

func rpcNotYet(rpc string) error {
	return connect.NewError(connect.CodeUnimplemented, fmt.Errorf("%s is not supported yet", rpc))
}
