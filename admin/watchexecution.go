package admin

import (
	"context"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

const (
	// watchPause is how long a watcher waits at least between two answers: who looks
	// at them reads no faster.
	watchPause = 250 * time.Millisecond
	// maxExecutionWatchers bounds those who watch executions at the same time.
	maxExecutionWatchers = 1000
)

// WatchExecution implements the rpc of that name.
func (s *service) WatchExecution(
	ctx context.Context, request *pb.WatchExecutionRequest, stream *connect.ServerStream[pb.WatchExecutionResponse],
) error {
	leave, err := enter(ctx, &s.executionWatchers, maxExecutionWatchers)
	if err != nil {
		return rpc.Error(err)
	}
	defer leave()
	w := executionWatch{service: s, id: request.GetId(), stream: stream}
	watch, ok, err := s.config.Scheduler.Watch(ctx, w.id, 0)
	switch {
	case err != nil:
		return rpc.Error(err)
	case !ok: // its outcome is kept no more; what operators can look back on may be
		return w.tell(ctx)
	default:
		return w.follow(ctx, watch)
	}
}

// An executionWatch is one caller's watching of an execution.
type executionWatch struct {
	service *service
	id      string
	stream  *connect.ServerStream[pb.WatchExecutionResponse]
	told    uint64 // lines, with those that are not kept any more
}

// follow tells what there is, and again whenever something has happened, until the
// execution has ended.
func (w *executionWatch) follow(ctx context.Context, watch *scheduler.Watch) error {
	for {
		events, more := watch.Next()
		for len(events) > 0 && more == nil { // what is told is how it is after all of them
			events, more = watch.Next()
		}
		if err := w.tell(ctx); err != nil || more == nil {
			return err
		}
		select {
		case <-more:
		case <-ctx.Done():
		}
		if pause.For(ctx, watchPause) != nil {
			return whyEnded(ctx)
		}
	}
}

// tell sends how the execution is, and the lines that were not told before.
func (w *executionWatch) tell(ctx context.Context) error {
	now, err := w.service.GetExecution(ctx, &pb.GetExecutionRequest{Id: w.id})
	if err != nil {
		return err
	}
	all := now.GetLinesLeftOut() + uint64(len(now.GetLines()))
	fresh := min(uint64(len(now.GetLines())), all-min(w.told, all))
	now.Lines = now.GetLines()[uint64(len(now.GetLines()))-fresh:]
	w.told = all
	return w.stream.Send(&pb.WatchExecutionResponse{Now: now})
}
