package service

import (
	_ "google.golang.org/protobuf/types/known/wrapperspb" // JSON and reflection resolve an Any's type by name

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// arguments are those of a request, as they came. They are a request rather
// than a part of one so that handing them on costs no allocation.
type arguments pb.TaskRequest

// Decode implements [scheduler.Arguments].
func (a *arguments) Decode(limit int) (args []task.Value, size int, err error) {
	anys := (*pb.TaskRequest)(a).GetArgs()
	if len(anys) > limit {
		return nil, 0, task.Errorf(task.InvalidArgument, "%d arguments; at most %d", len(anys), limit)
	}
	if len(anys) == 0 {
		return nil, 0, nil
	}
	args = make([]task.Value, len(anys))
	for i, a := range anys {
		if args[i], err = wire.Decode(a.GetTypeUrl(), a.GetValue()); err != nil {
			return nil, 0, task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		size += len(a.GetTypeUrl()) + len(a.GetValue())
	}
	return args, size, nil
}
