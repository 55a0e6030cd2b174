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
// would have had, without its text. So does one that another node has submitted,
// which so learns that it has run.
func (s *service) failure(request *wire.TaskRequest, receipt *scheduler.Receipt) error {
	if request.Retry == nil && receipt.Attempt <= 1 && request.OriginNodeID == "" {
		return receipt.Err
	}
	answer := s.answer(request.Sequence, receipt)
	return detailed(receipt.Err, &answer)
}

// detailed is an error with the answer that it stands for.
func detailed(e *task.Error, answer *wire.TaskResponse) error {
	detail, err := connect.NewErrorDetail(&pb.TaskResponse{
		TaskId: answer.TaskID, Status: pb.TaskResponse_Status(answer.Status), NodeId: answer.NodeID,
		ErrorCode: answer.ErrorCode, Attempt: answer.Attempt,
	})
	if err != nil {
		return e
	}
	return &rpc.DetailedError{Err: e, Detail: detail}
}

// unsuccessful is failure for an answer that may be another node's; nil if it is of
// a task that has not failed.
func unsuccessful(request *wire.TaskRequest, answer *wire.TaskResponse) error {
	if answer.ErrorCode == 0 || request.Detached {
		return nil
	}
	e := task.Errorf(task.Code(answer.ErrorCode), "%s", answer.Result)
	if request.Retry == nil && answer.Attempt <= 1 && request.OriginNodeID == "" {
		return e
	}
	return detailed(e, answer)
}
