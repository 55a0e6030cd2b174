package admin

import (
	"context"
	"errors"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// watchBuffer is how many events one watcher may be behind.
const watchBuffer = 1000

// whyEnded tells those who watch why their stream, whose context has ended, does too. A
// client that left doesn't receive it. Either way it may try again: who has nothing to
// show any more is asked for it then, as at any other call.
func whyEnded(ctx context.Context) error {
	if withdrawn := context.Cause(ctx); errors.Is(withdrawn, adminport.ErrWithdrawn) {
		return connect.NewError(connect.CodeUnavailable, withdrawn)
	}
	return connect.NewError(connect.CodeUnavailable, errors.New("the server is shutting down"))
}

// WatchEvents implements the rpc of that name.
func (s *service) WatchEvents(
	ctx context.Context, request *pb.WatchEventsRequest, stream *connect.ServerStream[pb.WatchEventsResponse],
) error {
	var only []stats.Kind
	for _, wanted := range request.GetKinds() {
		kind, ok := eventKind(wanted)
		if !ok {
			return rpc.Error(task.Errorf(task.InvalidArgument, "%s is not a kind of event that this server knows", wanted))
		}
		if kind == stats.Audited && adminport.CallerOf(ctx).Role < roles["ListAudit"] {
			return connect.NewError(connect.CodePermissionDenied, errors.New("who may not see the audit hears of no change in it"))
		}
		only = append(only, kind)
	}
	leave, err := enter(ctx, &s.eventWatchers, maxWatchers)
	if err != nil {
		return rpc.Error(err)
	}
	defer leave()
	watcher, err := s.config.Feed.Watch(watchBuffer, only...)
	if err != nil {
		return rpc.Error(task.Errorf(task.ResourceExhausted, "%w", err))
	}
	defer watcher.Stop()
	hidden := s.hidesValues(ctx)
	if err := stream.Send(nil); err != nil { // the header tells that watching has begun
		return err
	}
	others, stop := s.watchOthers(ctx, request)
	defer stop()
	for {
		select {
		case event := <-watcher.Events():
			watcher.Taken(&event)
			described := describeEvent(&event, hidden)
			described.NodeId = s.config.NodeID
			if x := described.GetExecution(); x != nil {
				x.NodeId = s.config.NodeID
			}
			if err := stream.Send(described); err != nil {
				return err
			}
		case event := <-others:
			if err := stream.Send(event); err != nil {
				return err
			}
		case <-ctx.Done():
			return whyEnded(ctx)
		}
	}
}

var eventKinds = map[stats.Kind]pb.EventKind{
	stats.TaskEnded:         pb.EventKind_EVENT_KIND_TASK_ENDED,
	stats.PluginLoaded:      pb.EventKind_EVENT_KIND_PLUGIN_LOADED,
	stats.PluginReloaded:    pb.EventKind_EVENT_KIND_PLUGIN_RELOADED,
	stats.PluginUnloaded:    pb.EventKind_EVENT_KIND_PLUGIN_UNLOADED,
	stats.PluginCrashed:     pb.EventKind_EVENT_KIND_PLUGIN_CRASHED,
	stats.PluginRestarted:   pb.EventKind_EVENT_KIND_PLUGIN_RESTARTED,
	stats.PluginQuarantined: pb.EventKind_EVENT_KIND_PLUGIN_QUARANTINED,
	stats.PluginLoadFailed:  pb.EventKind_EVENT_KIND_PLUGIN_LOAD_FAILED,
	stats.Draining:          pb.EventKind_EVENT_KIND_DRAINING,
	stats.Resumed:           pb.EventKind_EVENT_KIND_RESUMED,
	stats.LogLevelChanged:   pb.EventKind_EVENT_KIND_LOG_LEVEL_CHANGED,
	stats.TaskProgress:      pb.EventKind_EVENT_KIND_TASK_PROGRESS,
	stats.TaskLogged:        pb.EventKind_EVENT_KIND_TASK_LOGGED,

	stats.DeadLettered:       pb.EventKind_EVENT_KIND_DEAD_LETTERED,
	stats.DeadLettersRetried: pb.EventKind_EVENT_KIND_DEAD_LETTERS_RETRIED,
	stats.DeadLettersDropped: pb.EventKind_EVENT_KIND_DEAD_LETTERS_DROPPED,

	stats.DeadLettersUndropped: pb.EventKind_EVENT_KIND_DEAD_LETTERS_UNDROPPED,

	stats.Audited: pb.EventKind_EVENT_KIND_AUDITED,
}

func eventKind(wanted pb.EventKind) (stats.Kind, bool) {
	for kind, number := range eventKinds {
		if number == wanted {
			return kind, true
		}
	}
	return 0, false
}

// describeEvent describes an event; hidden: without what a task says.
func describeEvent(event *stats.Event, hidden bool) *pb.WatchEventsResponse {
	described := &pb.WatchEventsResponse{
		Time:    timestamppb.New(event.Time),
		Kind:    eventKinds[event.Kind],
		Plugin:  text(event.Plugin),
		Message: text(event.Message),
		Missed:  event.Missed,
	}
	if event.Execution.Task != nil {
		described.Plugin = pluginOf(event.Execution.Task.Name)
		described.Execution = describeExecution(&event.Execution)
	}
	switch {
	case !hidden:
	case described.GetExecution() != nil:
		described.Message, described.Execution.Message = "", ""
	case slices.Contains(failures, event.Kind):
		described.Message = withhold(described.GetMessage(), true)
	}
	if event.Kind == stats.TaskProgress {
		described.Execution.Progress = &pb.Progress{
			Fraction: event.Fraction, Note: described.GetMessage(), Time: described.GetTime(),
		}
	}
	return described
}

// PluginEvent returns what the feed is told of a loader's event.
func PluginEvent(event loader.Event) stats.Event {
	return stats.Event{Time: event.Time, Kind: pluginEvents[event.Kind], Plugin: event.Plugin, Message: event.Message}
}

// failures are the events whose messages tell what a plugin's process has printed last.
var failures = []stats.Kind{stats.PluginCrashed, stats.PluginQuarantined, stats.PluginLoadFailed}

var pluginEvents = map[loader.EventKind]stats.Kind{
	loader.EventLoaded:      stats.PluginLoaded,
	loader.EventReloaded:    stats.PluginReloaded,
	loader.EventUnloaded:    stats.PluginUnloaded,
	loader.EventCrashed:     stats.PluginCrashed,
	loader.EventRestarted:   stats.PluginRestarted,
	loader.EventQuarantined: stats.PluginQuarantined,
	loader.EventLoadFailed:  stats.PluginLoadFailed,
}
