package service

import (
	"context"

	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// Submitter returns what submits a task for those who ask in another way than by
// the rpc, with all its checks, and returns the task's id. The error is a
// [task.Error].
func Submitter(config Config) func(ctx context.Context, caller string, request *pb.TaskRequest) (id string, err error) {
	s := newService(config)
	return func(ctx context.Context, caller string, request *pb.TaskRequest) (id string, err error) {
		b, err := proto.Marshal(request)
		if err != nil {
			return "", task.Errorf(task.InvalidArgument, "%w", err)
		}
		parsed, err := wire.ParseRequest(b, s.limits)
		if err != nil {
			return "", err
		}
		response, err := s.submit(ctx, caller, parsed)
		return response.TaskID, err
	}
}
