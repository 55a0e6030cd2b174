// Package least is the least that a server of the same calls does, whatever it
// speaks: decode the arguments, look the method up in a map, run it, answer.
package least

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

var methods = map[string]func([]*anypb.Any) (string, error){"add": add}

// Submit answers one task.
func Submit(_ context.Context, request *pb.TaskRequest) (*pb.TaskResponse, error) {
	method := methods[request.GetMethod()]
	if method == nil {
		return nil, status.Error(codes.NotFound, "no such method")
	}
	result, err := method(request.GetArgs())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &pb.TaskResponse{
		TaskId: request.GetTaskId(), Status: pb.TaskResponse_SUCCESS, Result: result, Sequence: request.GetSequence(),
	}, nil
}

// SubmitBatch answers many.
func SubmitBatch(ctx context.Context, request *pb.BatchRequest) (*pb.BatchResponse, error) {
	answers := make([]*pb.TaskResponse, len(request.GetTasks()))
	for i, each := range request.GetTasks() {
		answer, err := Submit(ctx, each)
		if err != nil {
			return nil, err
		}
		answers[i] = answer
	}
	return &pb.BatchResponse{Results: answers}, nil
}

func add(args []*anypb.Any) (string, error) {
	var sum int32
	for _, arg := range args {
		var number wrapperspb.Int32Value
		if err := arg.UnmarshalTo(&number); err != nil {
			return "", err
		}
		sum += number.GetValue()
	}
	return strconv.Itoa(int(sum)), nil
}

// TellAndWait tells the process that started this one where it listens, and
// returns when that one has ended or wants no more.
func TellAndWait(addr net.Addr) {
	fmt.Println(addr)
	_, _ = io.Copy(io.Discard, os.Stdin)
}
