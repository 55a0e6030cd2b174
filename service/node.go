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
