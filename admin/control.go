package admin

import (
	"context"
	"log/slog"
	"strings"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/task"
)

// Drain implements the rpc of that name.
func (s *service) Drain(ctx context.Context, request *pb.DrainRequest) (*pb.DrainResponse, error) {
	if node := request.GetNodeId(); s.isOther(ctx, node) {
		response, err := askNode(ctx, s, node, request, adminpbconnect.AdminServiceClient.Drain)
		s.audit(ctx, "drain", "node "+node, err)
		return response, rpc.Error(err)
	}
	if err := s.refuse(ctx, true); err != nil {
		return nil, err
	}
	pending, running := s.config.Scheduler.Counts()
	return &pb.DrainResponse{Left: rpc.Count(pending + running)}, nil
}

// Resume implements the rpc of that name.
func (s *service) Resume(ctx context.Context, request *pb.ResumeRequest) (*pb.ResumeResponse, error) {
	if node := request.GetNodeId(); s.isOther(ctx, node) {
		response, err := askNode(ctx, s, node, request, adminpbconnect.AdminServiceClient.Resume)
		s.audit(ctx, "resume", "node "+node, err)
		return response, rpc.Error(err)
	}
	if err := s.refuse(ctx, false); err != nil {
		return nil, err
	}
	return &pb.ResumeResponse{}, nil
}

func (s *service) refuse(ctx context.Context, refuse bool) error {
	action, kind, message := "resume", stats.Resumed, "new tasks are taken again"
	if refuse {
		action, kind, message = "drain", stats.Draining, "new tasks are refused"
	}
	err := s.config.Refuse(refuse)
	s.audit(ctx, action, "", err)
	if err != nil {
		return rpc.Error(task.Errorf(task.FailedPrecondition, "%w", err))
	}
	s.config.Feed.Publish(stats.Event{Time: time.Now(), Kind: kind, Message: message})
	return nil
}

// CancelExecution implements the rpc of that name.
func (s *service) CancelExecution(
	ctx context.Context, request *pb.CancelExecutionRequest,
) (*pb.CancelExecutionResponse, error) {
	c, err := s.config.Scheduler.Cancel(ctx, request.GetId())
	if err == nil && !c.Known {
		if response, ok, err := s.cancelElsewhere(ctx, request.GetId()); ok {
			s.audit(ctx, "cancel execution", request.GetId(), err)
			return response, rpc.Error(err)
		}
	}
	failed := err != nil
	switch {
	case failed:
	case !c.Known:
		err, failed = task.Errorf(task.NotFound, "no task of this id is known"), true
	case !c.Done:
		err = task.Errorf(task.FailedPrecondition, "it had ended before")
	}
	s.audit(ctx, "cancel execution", request.GetId(), err)
	if failed {
		return nil, rpc.Error(err)
	}
	return &pb.CancelExecutionResponse{Cancelled: c.Done, State: executionStates[c.State]}, nil
}

// SetLogLevel implements the rpc of that name.
func (s *service) SetLogLevel(ctx context.Context, request *pb.SetLogLevelRequest) (*pb.SetLogLevelResponse, error) {
	previous, err := s.setLogLevel(request.GetLevel())
	s.audit(ctx, "set log level", request.GetLevel(), err, slog.String("previous", previous))
	if err != nil {
		return nil, rpc.Error(err)
	}
	s.config.Feed.Publish(stats.Event{
		Time: time.Now(), Kind: stats.LogLevelChanged, Message: "from " + previous + " to " + request.GetLevel(),
	})
	return &pb.SetLogLevelResponse{Previous: previous}, nil
}

func (s *service) setLogLevel(name string) (previous string, err error) {
	if s.config.Level == nil {
		return "", task.Errorf(task.FailedPrecondition, "this program's log level can't be changed")
	}
	previous = strings.ToLower(s.config.Level.Level().String())
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[name]
	if !ok {
		return previous, task.Errorf(task.InvalidArgument, "level %.20q: want debug, info, warn or error", name)
	}
	s.config.Level.Set(level)
	return previous, nil
}
