package service

import (
	"context"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/shape"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// submitTask answers SubmitTask. The error is a [task.Error].
func (s *service) submitTask(ctx context.Context, request *wire.TaskRequest) (*wire.TaskResponse, error) {
	response, err := s.submit(ctx, callerIn(ctx), request)
	if err != nil {
		return nil, err
	}
	return &response, nil
}

// submit needs request until it returns, and no longer.
func (s *service) submit(ctx context.Context, caller string, request *wire.TaskRequest) (response wire.TaskResponse, err error) {
	if err := s.unsupported(request); err != nil {
		return response, err
	}
	if s.config.Nodes != nil {
		if response, err = s.submitAmong(ctx, caller, request); err == nil {
			err = unsuccessful(request, &response)
		}
		return response, err
	}
	receipt, err := s.config.Scheduler.Submit(ctx, submission(caller, request))
	switch {
	case err != nil:
		return response, err
	case receipt.Err != nil && !request.Detached:
		return response, s.failure(request, &receipt)
	}
	return s.typed(request, &receipt)
}

// submission is a request as the scheduler has it, who decides how long its
// large parts are kept: the request doesn't have them any more.
func submission(caller string, request *wire.TaskRequest) scheduler.Request {
	deps := request.Deps
	request.Deps = nil
	return scheduler.Request{
		ID:                request.TaskID,
		Method:            request.Method,
		Caller:            caller,
		Labels:            request.Labels,
		Args:              &request.Args,
		Brief:             request.Args.Brief(),
		Deps:              deps,
		DependencyTimeout: milliseconds(request.DependencyTimeout),
		ExecutionTimeout:  milliseconds(request.ExecutionTimeout),
		InjectResults:     request.InjectResults,
		Detached:          request.Detached,
		Durable:           request.Durable,
		Source:            request,
		StartAt:           request.StartAt,
		Retry:             retryPolicy(request.Retry),
	}
}

// answer is what a client is told of its submission.
func (s *service) answer(sequence uint64, receipt *scheduler.Receipt) wire.TaskResponse {
	response := s.response(&receipt.Outcome)
	response.TaskID, response.Sequence = receipt.ID, sequence
	return response
}

// refusal is the answer to a submission among others that is refused: it ends
// itself alone.
func (s *service) refusal(id string, sequence uint64, err error) wire.TaskResponse {
	e := task.ErrorOf(err)
	return wire.TaskResponse{
		TaskID: id, Status: wire.Failed, Result: e.Message, NodeID: s.config.NodeID,
		ErrorCode: uint32(e.Code), Sequence: sequence,
	}
}

// response is what a client is told of an outcome.
func (s *service) response(o *scheduler.Outcome) wire.TaskResponse {
	r := wire.TaskResponse{Status: status(o.State), Result: o.Result, NodeID: s.config.NodeID, Attempt: o.Attempt}
	if o.Node != "" {
		r.NodeID = o.Node
	}
	if o.Err != nil {
		r.Result, r.ErrorCode = o.Err.Message, uint32(o.Err.Code)
	}
	return r
}

// addValue adds to an answer the result as a value, for a client that asked for
// it. An error says that a message of that many bytes has no room for it; nothing
// of it is built then.
func addValue(r *wire.TaskResponse, o *scheduler.Outcome, room int) error {
	if o.State != scheduler.Succeeded {
		return nil
	}
	if need := r.Size() + len(o.Result) + shape.Parts(o.Shape)*wire.AnyBytes; need > room {
		return task.Errorf(task.ResourceExhausted,
			"with the result as a value the answer takes about %d bytes, larger than the %d that a message may have; "+
				"ask by the task's id, without typed_result", need, room)
	}
	r.Value, _ = shape.Value(o.Result, o.Shape)
	return nil
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
