package service

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// How long a watcher waits before it looks again at a task that says much, and how
// much longer for each other one: of the progress that came meanwhile it sees the
// last.
const (
	watchPause    = 20 * time.Millisecond
	pauseForOther = 20 * time.Microsecond
)

// lastNumber is the largest number of an event that a client may have seen: more
// would have no room for those that follow, whose end it would never be told.
const lastNumber = 1<<53 - 1

// WatchTask implements the rpc of that name. What a client doesn't take in time
// is not gathered for it: it goes on with what the task's journal has then.
func (s *service) WatchTask(
	ctx context.Context, request *pb.WatchTaskRequest, stream *connect.ServerStream[pb.TaskEvent],
) error {
	rpc.BodyRead(ctx)
	if request.GetAfter() > lastNumber {
		return rpc.Error(task.Errorf(task.InvalidArgument, "after %d: no event has such a number", request.GetAfter()))
	}
	leave, err := s.watchers.enter(callerIn(ctx), s.config.MaxWatchers)
	if err != nil {
		return rpc.Error(err)
	}
	defer leave()
	watch, ok, err := s.config.Scheduler.Watch(ctx, request.GetTaskId(), request.GetAfter())
	if !ok && err == nil && s.asksOthers(ctx) {
		if known, err := s.watchElsewhere(ctx, request, stream); known || err != nil {
			return err
		}
	}
	switch {
	case err != nil:
		return rpc.Error(err)
	case !ok:
		return rpc.Error(task.Errorf(task.NotFound, "no task %q is known, or none any more", request.GetTaskId()))
	}
	if err := stream.Send(nil); err != nil { // the header tells that watching has begun
		return err
	}
	return s.follow(ctx, watch, stream)
}

// follow sends what happens until the task has ended, or ctx.
func (s *service) follow(ctx context.Context, watch *scheduler.Watch, stream *connect.ServerStream[pb.TaskEvent]) error {
	for {
		over := ctx.Err() // asked before: what the task has ended in by then is sent
		events, more := watch.Next()
		for i := range events {
			event, err := s.event(ctx, &events[i], watch)
			if err != nil {
				return rpc.Error(err)
			}
			if err := stream.Send(event); err != nil {
				return err
			}
		}
		switch {
		case len(events) == 0 && more == nil:
			return nil
		case len(events) > 0 && more == nil:
			continue // at once: all that follows is there
		case over != nil:
			return rpc.Error(s.ending(over))
		}
		if len(events) > 0 {
			// What there is when ctx ends is sent, too.
			_ = pause.For(ctx, watchPause+time.Duration(s.watchers.count())*pauseForOther)
		}
		select {
		case <-more:
		case <-ctx.Done():
		}
	}
}

// event is an event as clients get it.
func (s *service) event(ctx context.Context, e *journal.Event, watch *scheduler.Watch) (*pb.TaskEvent, error) {
	event := &pb.TaskEvent{Number: e.Number}
	if !e.Time.IsZero() {
		event.Time = timestamppb.New(e.Time)
	}
	switch e.Kind {
	case journal.Status:
		event.Event = &pb.TaskEvent_Status{Status: pb.TaskResponse_Status(status(e.State))}
	case journal.Progress:
		event.Event = &pb.TaskEvent_Progress{Progress: &pb.Progress{Fraction: e.Fraction, Note: e.Text}}
	case journal.Log:
		event.Event = &pb.TaskEvent_Log{Log: &pb.LogLine{Level: int32(e.Level), Text: e.Text}}
	case journal.Ended:
		o := watch.Outcome()
		answer := wire.ResultResponse(s.response(&o))
		if err := rpc.Answering(ctx, &answer); err != nil {
			return nil, err
		}
		event.Event = &pb.TaskEvent_Ended{Ended: &pb.ResultResponse{
			Status: pb.TaskResponse_Status(answer.Status), Result: answer.Result, NodeId: answer.NodeID,
			ErrorCode: answer.ErrorCode, Attempt: answer.Attempt,
		}}
	}
	return event, nil
}
