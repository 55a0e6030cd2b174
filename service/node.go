package service

import (
	"context"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
)

// GetNodeInfo implements the rpc of that name.
func (s *service) GetNodeInfo(context.Context, *pb.NodeInfoRequest) (*pb.NodeInfo, error) {
	tasks := s.config.Tasks.Tasks()
	methods := make([]string, len(tasks))
	for i, t := range tasks {
		methods[i] = t.Name
	}
	pending, running := s.config.Scheduler.Counts()
	return &pb.NodeInfo{
		NodeId:       s.config.NodeID,
		Methods:      methods,
		PendingTasks: rpc.Count(pending),
		RunningTasks: rpc.Count(running),
	}, nil
}

// DescribeTask implements the rpc of that name.
func (s *service) DescribeTask(_ context.Context, request *pb.DescribeTaskRequest) (*pb.TaskDescription, error) {
	t := s.config.Tasks.Lookup(request.GetMethod())
	if t == nil {
		return nil, rpc.Error(s.config.Tasks.NotFound(request.GetMethod()))
	}
	return &pb.TaskDescription{
		Method: t.Name, Signature: t.Signature, Doc: t.Doc, Plugin: t.Plugin, Version: t.Version, IsAsync: t.Async,
	}, nil
}
