package service

import (
	"context"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/service/internal/peer"
	"github.com/taskscheduler/taskscheduler/task"
)

// A watching is a client's watch of a task that another node has, or had.
type watching struct {
	stream *connect.ServerStream[pb.TaskEvent]
	after  uint64 // the last event that the client has
	begun  bool
	ended  bool
}

// begin tells the client that watching has begun.
func (w *watching) begin() error {
	if w.begun {
		return nil
	}
	w.begun = true
	return w.stream.Send(nil)
}

func (w *watching) send(event *pb.TaskEvent) error {
	if event.GetEnded() != nil {
		w.ended = true
	}
	w.after = max(w.after, event.GetNumber())
	return w.stream.Send(event)
}

// watchElsewhere follows a task from node to node; false: none knows it.
func (s *service) watchElsewhere(
	ctx context.Context, request *pb.WatchTaskRequest, stream *connect.ServerStream[pb.TaskEvent],
) (known bool, err error) {
	w := &watching{stream: stream, after: request.GetAfter()}
	for !w.ended {
		var here *scheduler.Watch
		find := search{service: s, id: request.GetTaskId(), patient: true}
		find.ask = func(c *peer.Client) (bool, error) {
			again := &pb.WatchTaskRequest{TaskId: request.GetTaskId(), After: w.after}
			err := c.WatchTask(ctx, callerIn(ctx), again, w.begin, w.send)
			if e := task.ErrorOf(err); e != nil && e.Code == task.NotFound {
				return false, nil
			}
			return true, err
		}
		find.here = func() (ok bool, err error) {
			here, ok, err = s.config.Scheduler.Watch(ctx, request.GetTaskId(), w.after)
			return ok, err
		}
		known, err = find.run(ctx)
		switch {
		case err != nil:
			return true, rpc.Error(s.ending(err))
		case !known && w.begun:
			return true, rpc.Error(task.Errorf(task.Unavailable, "the node that had the task has gone, and no other one knows it"))
		case !known:
			return false, nil
		case here != nil:
			if err := w.begin(); err != nil {
				return true, err
			}
			return true, s.follow(ctx, here, stream)
		}
	}
	return true, nil
}
