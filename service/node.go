package service

import (
	"context"
	"strings"
	"time"

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

// pluginPatience is how long a question about a plugin's task waits while the
// plugin is being loaded.
const pluginPatience = 2 * time.Second

// DescribeTask implements the rpc of that name. A file that has just been dropped
// takes a moment to be loaded, for which this waits: it holds nothing meanwhile but
// a method's name.
func (s *service) DescribeTask(ctx context.Context, request *pb.DescribeTaskRequest) (*pb.TaskDescription, error) {
	t := s.config.Tasks.Lookup(request.GetMethod())
	plugin, _, ofPlugin := strings.Cut(request.GetMethod(), "::")
	if t == nil && ofPlugin && s.config.AwaitPlugin != nil {
		ctx, cancel := context.WithTimeout(ctx, pluginPatience)
		s.config.AwaitPlugin(ctx, plugin)
		cancel()
		t = s.config.Tasks.Lookup(request.GetMethod())
	}
	if t == nil {
		return nil, rpc.Error(s.config.Tasks.NotFound(request.GetMethod()))
	}
	return &pb.TaskDescription{
		Method: t.Name, Signature: t.Signature, Doc: t.Doc, Plugin: t.Plugin, Version: t.Version, IsAsync: t.Async,
	}, nil
}
