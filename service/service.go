// Package service answers the wire contract's rpcs. Protobuf messages stop
// here.
package service

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// Name is the service's name on the wire.
const Name = taskschedulerpbconnect.TaskSchedulerName

// Config is what the service needs; all fields must be set.
type Config struct {
	Scheduler *scheduler.Scheduler
	Tasks     *task.Registry
	Logger    *slog.Logger
	// NodeID names this node in every answer.
	NodeID string
	// MaxMessageBytes bounds a request, decompressed.
	MaxMessageBytes int
	// MaxWait bounds how long WaitResult waits.
	MaxWait time.Duration
}

// NewHandler returns the handler for the path prefix that it returns too. It
// answers gRPC, gRPC-Web and Connect (proto and JSON).
func NewHandler(config Config) (path string, handler http.Handler) {
	return taskschedulerpbconnect.NewTaskSchedulerHandler(
		&service{config},
		rpc.HandlerOptions(config.Logger, config.MaxMessageBytes, nil),
	)
}

type service struct{ config Config }

// SubmitTask implements the rpc of that name.
func (s *service) SubmitTask(ctx context.Context, request *pb.TaskRequest) (*pb.TaskResponse, error) {
	if err := unsupported(request); err != nil {
		return nil, err
	}
	receipt, err := s.config.Scheduler.Submit(ctx, scheduler.Request{
		ID:                request.GetTaskId(),
		Method:            request.GetMethod(),
		Args:              (*arguments)(request),
		Deps:              request.GetDeps(),
		DependencyTimeout: milliseconds(request.GetDependencyTimeoutMs()),
		ExecutionTimeout:  milliseconds(request.GetExecutionTimeoutMs()),
		InjectResults:     request.GetInjectDependencyResults(),
		Detached:          request.GetDetached(),
	})
	switch {
	case err != nil:
		return nil, rpc.Error(err)
	case receipt.Err != nil && !request.GetDetached():
		return nil, rpc.Error(receipt.Err)
	}
	text, code := text(receipt.Outcome)
	return &pb.TaskResponse{
		TaskId:    receipt.ID,
		Status:    status(receipt.State),
		Result:    text,
		ErrorCode: code,
		NodeId:    s.config.NodeID,
		Sequence:  request.GetSequence(),
		Attempt:   receipt.Attempt,
	}, nil
}

// GetResult implements the rpc of that name.
func (s *service) GetResult(ctx context.Context, request *pb.ResultRequest) (*pb.ResultResponse, error) {
	if err := unsupportedResult(request); err != nil {
		return nil, err
	}
	return s.resultResponse(s.config.Scheduler.Get(ctx, request.GetTaskId()))
}

const defaultWait = 30 * time.Second // the contract's

// WaitResult implements the rpc of that name.
func (s *service) WaitResult(ctx context.Context, request *pb.WaitResultRequest) (*pb.ResultResponse, error) {
	if err := unsupportedResult(request); err != nil {
		return nil, err
	}
	wait := milliseconds(request.GetTimeoutMs())
	if wait == 0 {
		wait = defaultWait
	}
	ctx, cancel := context.WithTimeout(ctx, min(wait, s.config.MaxWait))
	defer cancel()
	return s.resultResponse(s.config.Scheduler.Wait(ctx, request.GetTaskId()))
}

// CancelTask implements the rpc of that name.
func (s *service) CancelTask(ctx context.Context, request *pb.CancelRequest) (*pb.CancelResponse, error) {
	c, err := s.config.Scheduler.Cancel(ctx, request.GetTaskId())
	if err != nil {
		return nil, rpc.Error(err)
	}
	response := &pb.CancelResponse{Cancelled: c.Done, Status: pb.TaskResponse_NOT_FOUND}
	if c.Known {
		response.Status = status(c.State)
	}
	return response, nil
}

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

func (s *service) resultResponse(outcome scheduler.Outcome, known bool, err error) (*pb.ResultResponse, error) {
	switch {
	case err != nil:
		return nil, rpc.Error(err)
	case !known:
		return &pb.ResultResponse{Status: pb.TaskResponse_NOT_FOUND, NodeId: s.config.NodeID}, nil
	}
	text, code := text(outcome)
	return &pb.ResultResponse{
		Status:    status(outcome.State),
		Result:    text,
		ErrorCode: code,
		NodeId:    s.config.NodeID,
		Attempt:   outcome.Attempt,
	}, nil
}

func status(state scheduler.State) pb.TaskResponse_Status {
	switch state {
	case scheduler.Running:
		return pb.TaskResponse_RUNNING
	case scheduler.Succeeded:
		return pb.TaskResponse_SUCCESS
	case scheduler.Failed:
		return pb.TaskResponse_FAILED
	case scheduler.Cancelled:
		return pb.TaskResponse_CANCELLED
	default:
		return pb.TaskResponse_PENDING
	}
}

// text returns an outcome's result, or the message and code of its error.
func text(outcome scheduler.Outcome) (result string, code uint32) {
	if outcome.Err != nil {
		return outcome.Err.Message, uint32(outcome.Err.Code)
	}
	return outcome.Result, 0
}

// milliseconds converts a request's duration; one too long for a
// time.Duration becomes the longest.
func milliseconds(ms uint64) time.Duration {
	return time.Duration(min(ms, uint64(math.MaxInt64/time.Millisecond))) * time.Millisecond
}
