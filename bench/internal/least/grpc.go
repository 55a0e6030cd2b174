package least

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

// NewGRPC returns a server of grpc-go with its defaults.
func NewGRPC(options ...grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(options...)
	server.RegisterService(&description, struct{}{})
	return server
}

// description is what protoc-gen-go-grpc makes of the rpcs.
var description = grpc.ServiceDesc{
	ServiceName: taskschedulerpbconnect.TaskSchedulerName,
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{
		{MethodName: "SubmitTask", Handler: unary(Submit)},
		{MethodName: "SubmitBatch", Handler: unary(SubmitBatch)},
	},
	Streams: []grpc.StreamDesc{
		{StreamName: "SubmitTasks", Handler: submitTasks, ServerStreams: true, ClientStreams: true},
	},
}

func unary[Request, Response any](run func(context.Context, *Request) (*Response, error)) grpc.MethodHandler {
	return func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		request := new(Request)
		if err := decode(request); err != nil {
			return nil, err
		}
		return run(ctx, request)
	}
}

func submitTasks(_ any, stream grpc.ServerStream) error {
	for {
		var request pb.TaskRequest
		if err := stream.RecvMsg(&request); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer, err := Submit(stream.Context(), &request)
		if err != nil {
			return err
		}
		if err := stream.SendMsg(answer); err != nil {
			return err
		}
	}
}
