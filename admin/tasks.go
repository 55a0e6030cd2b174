package admin

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/task"
)

// separator parts a plugin's name from its task's.
const separator = "::"

// ListTasks implements the rpc of that name.
func (s *service) ListTasks(ctx context.Context, request *pb.ListTasksRequest) (*pb.ListTasksResponse, error) {
	if node := request.GetNodeId(); s.isOther(ctx, node) {
		response, err := askNode(ctx, s, node, request, adminpbconnect.AdminServiceClient.ListTasks)
		return response, rpc.Error(err)
	}
	tasks := s.config.Tasks.Tasks()
	if plugin := request.GetPlugin(); plugin != "" {
		tasks = slices.DeleteFunc(tasks, func(t *task.Task) bool { return pluginOf(t.Name) != plugin })
	}
	return &pb.ListTasksResponse{Tasks: s.describeTasks(tasks)}, nil
}

func (s *service) describeTasks(tasks []*task.Task) []*pb.Task {
	versions := make(map[string]string) // by file
	for _, plugin := range s.config.Plugins.Plugins() {
		versions[plugin.File] = plugin.SHA256
	}
	methods := s.methods()
	queued := s.queued()
	described := make([]*pb.Task, len(tasks))
	for i, t := range tasks {
		m := methods[t.Name]
		described[i] = describeTask(t)
		described[i].PluginVersion = versions[t.Source]
		described[i].Calls, described[i].Failures, described[i].Cancelled = m.Calls(), m.Failed, m.Cancelled
		described[i].Pending, described[i].Running = rpc.Count(queued[t.Name].Pending), rpc.Count(queued[t.Name].Running)
		described[i].Latency = latency(&m.Runs)
	}
	return described
}

// describeTask describes a task, but for how it does.
func describeTask(t *task.Task) *pb.Task {
	described := &pb.Task{
		Name:      t.Name,
		Kind:      pb.TaskKind_TASK_KIND_SYNC,
		Source:    text(t.Source),
		Plugin:    pluginOf(t.Name),
		Version:   text(t.Version),
		Signature: text(t.Signature),
		Doc:       text(t.Doc),
	}
	if t.Async {
		described.Kind = pb.TaskKind_TASK_KIND_ASYNC
	}
	return described
}

// pluginOf returns the plugin that a method comes from, or "".
func pluginOf(method string) string {
	plugin, _, found := strings.Cut(method, separator)
	if !found {
		return ""
	}
	return plugin
}

// methods returns the statistics of each method that has been run, by name.
func (s *service) methods() map[string]stats.Method {
	methods := make(map[string]stats.Method)
	for _, m := range s.config.History.Methods() {
		methods[m.Name] = m
	}
	return methods
}

// queued returns what waits and runs of each method, by name.
func (s *service) queued() map[string]scheduler.Queued {
	queued := make(map[string]scheduler.Queued)
	for _, q := range s.config.Scheduler.Queued() {
		queued[q.Task.Name] = q
	}
	return queued
}

func latency(runs *stats.Histogram) *pb.Latency {
	if runs.Count == 0 {
		return nil
	}
	return &pb.Latency{
		Mean: durationpb.New(runs.Mean()),
		P50:  durationpb.New(runs.Quantile(0.50)),
		P99:  durationpb.New(runs.Quantile(0.99)),
		Max:  durationpb.New(runs.Max),
	}
}
