package service

import (
	"context"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// submitTask answers SubmitTask. The error is a [task.Error].
func (s *service) submitTask(ctx context.Context, request *wire.TaskRequest) (*wire.TaskResponse, error) {
	return s.submit(ctx, callerIn(ctx), request)
}

func (s *service) submit(ctx context.Context, caller string, request *wire.TaskRequest) (*wire.TaskResponse, error) {
	if err := unsupported(request); err != nil {
		return nil, err
	}
	receipt, err := s.config.Scheduler.Submit(ctx, submission(caller, request))
	switch {
	case err != nil:
		return nil, err
	case receipt.Err != nil && !request.Detached:
		return nil, receipt.Err
	}
	response := s.answer(request, &receipt)
	return &response, nil
}

// submission is a request as the scheduler has it.
func submission(caller string, request *wire.TaskRequest) scheduler.Request {
	return scheduler.Request{
		ID:                request.TaskID,
		Method:            request.Method,
		Caller:            caller,
		Args:              &request.Args,
		Deps:              request.Deps,
		DependencyTimeout: milliseconds(request.DependencyTimeout),
		ExecutionTimeout:  milliseconds(request.ExecutionTimeout),
		InjectResults:     request.InjectResults,
		Detached:          request.Detached,
	}
}

// answer is what a client is told of its submission.
func (s *service) answer(request *wire.TaskRequest, receipt *scheduler.Receipt) wire.TaskResponse {
	response := s.response(&receipt.Outcome)
	response.TaskID, response.Sequence = receipt.ID, request.Sequence
	return response
}

// refusal is the answer to a submission among others that is refused: it ends
// itself alone.
func (s *service) refusal(request *wire.TaskRequest, err error) wire.TaskResponse {
	e := task.ErrorOf(err)
	return wire.TaskResponse{
		TaskID: request.TaskID, Status: wire.Failed, Result: e.Message, NodeID: s.config.NodeID,
		ErrorCode: uint32(e.Code), Sequence: request.Sequence,
	}
}

// response is what a client is told of an outcome.
func (s *service) response(o *scheduler.Outcome) wire.TaskResponse {
	r := wire.TaskResponse{Status: status(o.State), Result: o.Result, NodeID: s.config.NodeID, Attempt: o.Attempt}
	if o.Err != nil {
		r.Result, r.ErrorCode = o.Err.Message, uint32(o.Err.Code)
	}
	return r
}

func status(state scheduler.State) wire.Status {
	switch state {
	case scheduler.Running:
		return wire.Running
	case scheduler.Succeeded:
		return wire.Success
	case scheduler.Failed:
		return wire.Failed
	case scheduler.Cancelled:
		return wire.Cancelled
	default:
		return wire.Pending
	}
}
