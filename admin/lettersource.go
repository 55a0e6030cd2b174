package admin

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// letterSource is a dead letter as the submission of it that the queue keeps.
type letterSource struct{ letter *scheduler.DeadLetter }

// Encode implements [scheduler.Source].
func (s letterSource) Encode(deps []string) ([]byte, error) {
	args, err := pack(s.letter.Args)
	if err != nil {
		return nil, err
	}
	policy := s.letter.Retry
	request := &pb.TaskRequest{
		Method:   s.letter.Execution.Task.Name,
		Args:     args,
		Deps:     deps,
		Labels:   s.letter.Execution.Labels,
		Detached: true,

		ExecutionTimeoutMs: uint64((s.letter.ExecutionTimeout + time.Millisecond - 1) / time.Millisecond),
		Retry: &pb.RetryPolicy{
			MaxAttempts:    policy.MaxAttempts,
			InitialBackoff: durationpb.New(policy.InitialBackoff),
			MaxBackoff:     durationpb.New(policy.MaxBackoff),
			Multiplier:     policy.Multiplier,
		},
	}
	for _, code := range policy.Codes {
		request.Retry.Codes = append(request.Retry.Codes, uint32(code))
	}
	return proto.Marshal(request)
}
