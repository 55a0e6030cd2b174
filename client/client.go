package client

import (
	"context"
	"errors"
	"time"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/task"
)

// Run runs a task and returns its result as text. It is [Client.RunTask] for
// those who need no more.
func (c *Client) Run(ctx context.Context, method string, args ...any) (string, error) {
	result, err := c.RunTask(ctx, Task{Method: method, Args: args})
	if err != nil {
		return "", err
	}
	return result.Text, nil
}

// RunTask runs a task, waits until it has ended and returns its result. A task
// that did not end in success is an error; the Result tells what is known of
// it, its id at least. When ctx ends first, the server cancels the task,
// unless someone else waits for it too or it is detached.
func (c *Client) RunTask(ctx context.Context, t Task) (Result, error) {
	request, err := t.request()
	if err != nil {
		return Result{ID: t.ID}, failureOf(t.Method, t.ID, err)
	}
	result, err := c.submit(ctx, request)
	switch {
	case err == nil && !result.State.Ended():
		result, err = c.wait(ctx, result.ID, t.TypedResult)
	case err != nil && t.TypedResult && link.TooLarge(err):
		result, err = c.withoutValue(ctx, result, err)
	}
	return result, failureOf(t.Method, request.GetTaskId(), err)
}

// Submit hands a task over and returns its id at once; the task goes on by
// itself. What the server knows to be wrong already is an error. The id is
// returned with an error too, unless the task could not be packed: after a
// failure of the connection, [Client.Result] tells whether the server has it.
func (c *Client) Submit(ctx context.Context, t Task) (id string, err error) {
	request, err := t.request()
	if err != nil {
		return t.ID, failureOf(t.Method, t.ID, err)
	}
	request.Detached = true
	_, err = call(ctx, c, c.rpc.SubmitTask, request)
	return request.GetTaskId(), failureOf(t.Method, request.GetTaskId(), err)
}

func (c *Client) submit(ctx context.Context, request *taskschedulerpb.TaskRequest) (Result, error) {
	response, err := call(ctx, c, c.rpc.SubmitTask, request)
	if err == nil {
		result := taskResult(request.GetTaskId(), response)
		return result, result.Err()
	}
	result := Result{ID: request.GetTaskId()}
	if outcome := link.OutcomeOf(err); outcome != nil {
		result.Attempt = outcome.Attempt
	}
	if failure, ok := errors.AsType[*task.Error](err); ok {
		result.Text, result.Code = failure.Message, failure.Code
		switch {
		case !isAnswer(failure): // the state remains unknown
		case failure.Code == task.Cancelled:
			result.State = StateCancelled
		default:
			result.State = StateFailed
		}
	}
	return result, err
}

// withoutValue returns the result of a task as text, if its end was success and an
// answer with the value too was over somebody's limit, which err says; else it
// returns what it got.
func (c *Client) withoutValue(ctx context.Context, r Result, err error) (Result, error) {
	asText, failure := c.Result(ctx, r.ID)
	if failure != nil || asText.State != StateSuccess {
		return r, err
	}
	return asText, nil
}

// isAnswer says whether failure is the server's word on the task, rather than
// a call that did not get so far.
func isAnswer(failure *task.Error) bool {
	if failure.Code == task.Unavailable || failure.Code == task.ResourceExhausted {
		return link.OutcomeOf(failure) != nil
	}
	return link.FromServer(failure)
}

// Result returns where a task stands now. That a task failed, or is not known,
// is not an error of this call; [Result.Err] tells.
func (c *Client) Result(ctx context.Context, id string) (Result, error) {
	response, err := call(ctx, c, c.rpc.GetResult, &taskschedulerpb.ResultRequest{TaskId: id})
	if err != nil {
		return Result{ID: id}, failureOf("", id, err)
	}
	return resultOf(id, response), nil
}

const (
	// longPoll is how long the server is asked to hold one question of Wait.
	longPoll = 30 * time.Second
	// waitPace is the least time between two questions, for a server that
	// answers at once whatever it is asked.
	waitPace = 100 * time.Millisecond
)

// Wait returns a task's result once it has ended. A task that did not end in
// success, or that the server does not know, is an error, along with the
// Result. When ctx ends first, the error is ctx's and the Result the last that
// was seen; the task goes on.
func (c *Client) Wait(ctx context.Context, id string) (Result, error) {
	result, err := c.wait(ctx, id, false)
	return result, failureOf("", id, err)
}

func (c *Client) wait(ctx context.Context, id string, typed bool) (Result, error) {
	last := Result{ID: id}
	for {
		asked := time.Now()
		request := &taskschedulerpb.WaitResultRequest{TaskId: id, TimeoutMs: pollMilliseconds(ctx), TypedResult: typed}
		response, err := call(ctx, c, c.rpc.WaitResult, request)
		switch {
		case err != nil && typed && link.TooLarge(err):
			return c.withoutValue(ctx, last, err)
		case err != nil:
			return last, err
		}
		if last = resultOf(id, response); last.State.Ended() {
			return last, last.Err()
		}
		if cause := pause.For(ctx, max(0, waitPace-time.Since(asked))); cause != nil {
			return last, link.ContextError(cause)
		}
	}
}

// pollMilliseconds returns for how long to ask: no longer than ctx lasts, and
// never 0, which means the server's default.
func pollMilliseconds(ctx context.Context) uint64 {
	wait := longPoll
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline))
	}
	return uint64(max(1, wait.Milliseconds()))
}

// Cancel cancels a task that has not ended and returns its state now.
// cancelled is true only for the call that did it, and false when its answer
// got lost and it had to ask again. An unknown id is not an error, but
// [StateNotFound].
func (c *Client) Cancel(ctx context.Context, id string) (cancelled bool, state State, err error) {
	response, err := call(ctx, c, c.rpc.CancelTask, &taskschedulerpb.CancelRequest{TaskId: id})
	if err != nil {
		return false, StateUnknown, failureOf("", id, err)
	}
	return response.GetCancelled(), stateOf(response.GetStatus()), nil
}

// Node describes the server.
func (c *Client) Node(ctx context.Context) (Node, error) {
	response, err := call(ctx, c, c.rpc.GetNodeInfo, &taskschedulerpb.NodeInfoRequest{})
	if err != nil {
		return Node{}, err
	}
	return newNode(response), nil
}

func taskResult(id string, response *taskschedulerpb.TaskResponse) Result {
	return newResult(id, response.GetStatus(), response)
}

func resultOf(id string, response *taskschedulerpb.ResultResponse) Result {
	return newResult(id, response.GetStatus(), response)
}

// call makes a call, as often as c's backoff allows, and gives its error the
// form that callers know.
func call[Request, Response any](
	ctx context.Context, c *Client, rpc func(context.Context, *Request) (*Response, error), request *Request,
) (response *Response, err error) {
	err = c.backoff.do(ctx, func() error {
		var failure error
		response, failure = rpc(ctx, request)
		return c.link.ErrorOf(ctx, failure)
	})
	return response, err
}
