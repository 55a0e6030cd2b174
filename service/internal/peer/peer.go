// Package peer asks other nodes of a cluster what clients ask: by the same rpcs,
// in gRPC, over whatever carries HTTP to them.
package peer

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// CallerHeader is the header that tells a node for whom another one asks.
const CallerHeader = "Task-Scheduler-Caller"

// A Client asks one node. It is safe for concurrent use.
type Client struct {
	submit *connect.Client[message, pb.TaskResponse]
	batch  *connect.Client[message, pb.BatchResponse]
	others taskschedulerpbconnect.TaskSchedulerClient
}

// New returns a client of the node at an address that http knows.
func New(http connect.HTTPClient, url string) *Client {
	options := connect.WithClientOptions(
		connect.WithGRPC(), connect.WithCodec(codec{}), connect.WithAcceptCompression("gzip", nil, nil))
	submit := taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure
	batch := taskschedulerpbconnect.TaskSchedulerSubmitBatchProcedure
	return &Client{
		submit: connect.NewClient[message, pb.TaskResponse](http, url+submit, options),
		batch:  connect.NewClient[message, pb.BatchResponse](http, url+batch, options),
		others: taskschedulerpbconnect.NewTaskSchedulerClient(http, url, options),
	}
}

// message is one that is encoded already.
type message struct{ bytes []byte }

// codec is protobuf's, of those messages too.
type codec struct{}

// Name implements [connect.Codec].
func (codec) Name() string { return "proto" }

// Marshal implements [connect.Codec].
func (codec) Marshal(m any) ([]byte, error) {
	switch m := m.(type) {
	case *message:
		return m.bytes, nil
	case proto.Message:
		return proto.Marshal(m)
	default:
		return nil, fmt.Errorf("%T is not a message", m)
	}
}

// Unmarshal implements [connect.Codec].
func (codec) Unmarshal(b []byte, m any) error {
	into, ok := m.(proto.Message)
	if !ok {
		return fmt.Errorf("%T is not a message", m)
	}
	return proto.Unmarshal(b, into)
}

// inNameOf returns the context of a call in the name of a caller.
func inNameOf(ctx context.Context, caller string) context.Context {
	ctx, info := connect.NewClientContext(ctx)
	info.RequestHeader().Set(CallerHeader, caller)
	return ctx
}

// Submit submits a task, an encoded TaskRequest.
func (c *Client) Submit(ctx context.Context, caller string, request []byte) (*pb.TaskResponse, error) {
	response, err := c.submit.CallUnary(inNameOf(ctx, caller), connect.NewRequest(&message{request}))
	if err != nil {
		return nil, errorOf(ctx, err)
	}
	return response.Msg, nil
}

// SubmitBatch submits an encoded BatchRequest.
func (c *Client) SubmitBatch(ctx context.Context, caller string, request []byte) (*pb.BatchResponse, error) {
	response, err := c.batch.CallUnary(inNameOf(ctx, caller), connect.NewRequest(&message{request}))
	if err != nil {
		return nil, errorOf(ctx, err)
	}
	return response.Msg, nil
}

// An Error says why there is no answer.
type Error struct {
	// Err is what clients are told.
	Err *task.Error
	// Answered: the node itself says so; else nobody knows whether it has got the
	// call.
	Answered bool
	// Detail is what else it says; nil of a request that it has refused.
	Detail *pb.TaskResponse

	cause error
}

// Error implements error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns what it is for clients, and as it came.
func (e *Error) Unwrap() []error { return []error{e.Err, e.cause} }

func errorOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &Error{Err: task.Errorf(task.Unavailable, "%v", err), cause: err}
	said, ok := errors.AsType[*connect.Error](err)
	if !ok || !connect.IsWireError(err) {
		return e
	}
	e.Answered, e.Err = true, task.Errorf(task.Code(said.Code()), "%s", said.Message())
	for _, detail := range said.Details() {
		if value, err := detail.Value(); err == nil {
			if response, ok := value.(*pb.TaskResponse); ok {
				e.Detail = response
			}
		}
	}
	return e
}
