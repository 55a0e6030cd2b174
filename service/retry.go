package service

import (
	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// retryPolicy is a request's policy as the scheduler has it; nil for none.
func retryPolicy(asked *wire.RetryPolicy) *scheduler.RetryPolicy {
	if asked == nil {
		return nil
	}
	p := &scheduler.RetryPolicy{
		MaxAttempts:    asked.MaxAttempts,
		InitialBackoff: asked.InitialBackoff,
		MaxBackoff:     asked.MaxBackoff,
		Multiplier:     asked.Multiplier,
	}
	for _, code := range asked.Codes {
		p.Codes = append(p.Codes, task.Code(code))
	}
	return p
}

// failure is the error of a task that did not succeed. One that may have run
// several times tells so in its details: the answer that a stream or a batch
// would have had, without its text.
func (s *service) failure(request *wire.TaskRequest, receipt *scheduler.Receipt) error {
	if request.Retry == nil && receipt.Attempt <= 1 {
		return receipt.Err
	}
	detail, err := connect.NewErrorDetail(&pb.TaskResponse{
		TaskId: receipt.ID, Status: pb.TaskResponse_Status(status(receipt.State)), NodeId: s.config.NodeID,
		ErrorCode: uint32(receipt.Err.Code), Attempt: receipt.Attempt,
	})
	if err != nil {
		return receipt.Err
	}
	return &rpc.DetailedError{Err: receipt.Err, Detail: detail}
}
