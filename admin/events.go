package admin

import (
	"context"
	"errors"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/taskscheduler/taskscheduler/activity"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// watchBuffer is how many events one watcher may be behind.
const watchBuffer = 1000

// WatchEvents implements the rpc of that name.
func (s *service) WatchEvents(
	ctx context.Context, request *pb.WatchEventsRequest, stream *connect.ServerStream[pb.WatchEventsResponse],
) error {
	var only []activity.Kind
	for _, wanted := range request.GetKinds() {
		kind, ok := eventKind(wanted)
		if !ok {
			return wireError(task.Errorf(task.InvalidArgument, "%s is no kind of event", wanted))
		}
		only = append(only, kind)
	}
	watcher, err := s.config.Feed.Watch(watchBuffer, only...)
	if err != nil {
		return wireError(task.Errorf(task.ResourceExhausted, "%w", err))
	}
	defer watcher.Stop()
	if err := stream.Send(nil); err != nil { // the header tells that watching has begun
		return err
	}
	for {
		select {
		case event := <-watcher.Events():
			if err := stream.Send(describeEvent(&event)); err != nil {
				return err
			}
		case <-ctx.Done():
			// Who went away doesn't hear it; the others are told why it ends.
			return connect.NewError(connect.CodeUnavailable, errors.New("the server is shutting down"))
		}
	}
}

var eventKinds = map[activity.Kind]pb.EventKind{
	activity.TaskEnded:         pb.EventKind_EVENT_KIND_TASK_ENDED,
	activity.PluginLoaded:      pb.EventKind_EVENT_KIND_PLUGIN_LOADED,
	activity.PluginReloaded:    pb.EventKind_EVENT_KIND_PLUGIN_RELOADED,
	activity.PluginUnloaded:    pb.EventKind_EVENT_KIND_PLUGIN_UNLOADED,
	activity.PluginCrashed:     pb.EventKind_EVENT_KIND_PLUGIN_CRASHED,
	activity.PluginRestarted:   pb.EventKind_EVENT_KIND_PLUGIN_RESTARTED,
	activity.PluginQuarantined: pb.EventKind_EVENT_KIND_PLUGIN_QUARANTINED,
	activity.PluginLoadFailed:  pb.EventKind_EVENT_KIND_PLUGIN_LOAD_FAILED,
	activity.Draining:          pb.EventKind_EVENT_KIND_DRAINING,
	activity.Resumed:           pb.EventKind_EVENT_KIND_RESUMED,
	activity.LogLevelChanged:   pb.EventKind_EVENT_KIND_LOG_LEVEL_CHANGED,
}

func eventKind(wanted pb.EventKind) (activity.Kind, bool) {
	for kind, number := range eventKinds {
		if number == wanted {
			return kind, true
		}
	}
	return 0, false
}

func describeEvent(event *activity.Event) *pb.WatchEventsResponse {
	described := &pb.WatchEventsResponse{
		Time:    timestamppb.New(event.Time),
		Kind:    eventKinds[event.Kind],
		Plugin:  text(event.Plugin),
		Message: text(event.Message),
		Missed:  event.Missed,
	}
	if event.Kind == activity.TaskEnded {
		described.Plugin = pluginOf(event.Execution.Task.Name)
		described.Execution = describeExecution(&event.Execution)
	}
	return described
}

// PluginEvent returns what the feed is told of a loader's event.
func PluginEvent(event loader.Event) activity.Event {
	return activity.Event{Time: event.Time, Kind: pluginEvents[event.Kind], Plugin: event.Plugin, Message: event.Message}
}

var pluginEvents = map[loader.EventKind]activity.Kind{
	loader.EventLoaded:      activity.PluginLoaded,
	loader.EventReloaded:    activity.PluginReloaded,
	loader.EventUnloaded:    activity.PluginUnloaded,
	loader.EventCrashed:     activity.PluginCrashed,
	loader.EventRestarted:   activity.PluginRestarted,
	loader.EventQuarantined: activity.PluginQuarantined,
	loader.EventLoadFailed:  activity.PluginLoadFailed,
}
