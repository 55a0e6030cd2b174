package peer

import (
	"context"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// GetResult asks how a task is.
func (c *Client) GetResult(ctx context.Context, caller string, request *pb.ResultRequest) (*pb.ResultResponse, error) {
	return ask(ctx, caller, request, c.others.GetResult)
}

// WaitResult asks how a task has ended.
func (c *Client) WaitResult(ctx context.Context, caller string, request *pb.WaitResultRequest) (*pb.ResultResponse, error) {
	return ask(ctx, caller, request, c.others.WaitResult)
}

// CancelTask cancels a task.
func (c *Client) CancelTask(ctx context.Context, caller string, request *pb.CancelRequest) (*pb.CancelResponse, error) {
	return ask(ctx, caller, request, c.others.CancelTask)
}

// DescribeTask describes a method.
func (c *Client) DescribeTask(ctx context.Context, caller string, request *pb.DescribeTaskRequest) (*pb.TaskDescription, error) {
	return ask(ctx, caller, request, c.others.DescribeTask)
}

func ask[Request, Response any](
	ctx context.Context, caller string, request *Request, do func(context.Context, *Request) (*Response, error),
) (*Response, error) {
	response, err := do(inNameOf(ctx, caller), request)
	if err != nil {
		return nil, errorOf(ctx, err)
	}
	return response, nil
}

// WatchTask calls begun once the node has the watch, and event with each event of
// the task, until its end or an error of theirs.
func (c *Client) WatchTask(
	ctx context.Context, caller string, request *pb.WatchTaskRequest, begun func() error, event func(*pb.TaskEvent) error,
) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.others.WatchTask(inNameOf(ctx, caller), request)
	if err != nil {
		return errorOf(ctx, err)
	}
	defer func() { _ = stream.Close() }() // an error is of the stream, which is over
	told := false
	for stream.Receive() {
		if !told {
			told = true
			if err := begun(); err != nil {
				return err
			}
		}
		if err := event(stream.Msg()); err != nil {
			return err
		}
	}
	if err := stream.Err(); err != nil {
		return errorOf(ctx, err)
	}
	return nil
}
