package service

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
)

// GetNodeInfo implements the rpc of that name.
func (s *service) GetNodeInfo(ctx context.Context, _ *pb.NodeInfoRequest) (*pb.NodeInfo, error) {
	tasks := s.config.Tasks.Tasks()
	methods := make([]string, len(tasks))
	for i, t := range tasks {
		methods[i] = t.Name
	}
	pending, running := s.config.Scheduler.Counts()
	info := &pb.NodeInfo{
		NodeId:       s.config.NodeID,
		Methods:      methods,
		PendingTasks: rpc.Count(pending),
		RunningTasks: rpc.Count(running),
		Peers:        s.peerInfo(),
	}
	return info, rpc.Error(rpc.Answering(ctx, measured{info}))
}

// measured is a message that plugins may have made large.
type measured struct{ proto.Message }

// Size implements [rpc.Answer].
func (m measured) Size() int { return proto.Size(m.Message) }

// JSONSize is the size of JSON, at the most.
func (m measured) JSONSize() int { return longestEscape * m.Size() }

// longestEscape is how many bytes JSON may need for one.
const longestEscape = 6

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
	if t == nil && s.asksOthers(ctx) {
		if description := s.describeElsewhere(ctx, request); description != nil {
			return description, rpc.Error(rpc.Answering(ctx, measured{description}))
		}
	}
	if t == nil {
		return nil, rpc.Error(s.config.Tasks.NotFound(request.GetMethod()))
	}
	description := &pb.TaskDescription{
		Method: t.Name, Signature: t.Signature, Doc: t.Doc, Plugin: t.Plugin, Version: t.Version, IsAsync: t.Async,
	}
	return description, rpc.Error(rpc.Answering(ctx, measured{description}))
}
