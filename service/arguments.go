package service

import (
	"google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/wrapperspb" // JSON and reflection resolve an Any's type by name

	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// arguments decodes a request's arguments, once, and tells about how many bytes
// they hold.
func (s *service) arguments(anys []*anypb.Any) (args []task.Value, size int, err error) {
	if len(anys) > s.config.MaxArguments {
		return nil, 0, task.Errorf(task.InvalidArgument, "%d arguments; at most %d (--max-arguments)",
			len(anys), s.config.MaxArguments)
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
