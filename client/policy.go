package client

import (
	"math"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// A RetryPolicy has the server run a task again that failed. Zero fields but
// MaxAttempts mean what is said there. It is no matter of the connection, for
// which [Config.Attempts] is.
type RetryPolicy struct {
	// MaxAttempts is how often the task runs in all. Zero: there is no policy.
	MaxAttempts int
	// InitialBackoff is how long it waits after the first attempt: 1 s. Half of
	// each wait is random.
	InitialBackoff time.Duration
	// MaxBackoff is the longest wait: 5 m.
	MaxBackoff time.Duration
	// Multiplier is how many times longer each wait is than the one before: 2.
	Multiplier float64
	// Codes are the failures to run again for: all but INVALID_ARGUMENT, NOT_FOUND
	// and CANCELLED.
	Codes []task.Code
}

// later adds to a request when t runs, and when again.
func (t Task) later(request *taskschedulerpb.TaskRequest) error {
	if !t.StartAt.IsZero() {
		request.StartAt = timestamppb.New(t.StartAt)
	}
	p := t.Retry
	switch {
	case p.MaxAttempts < 0 || p.MaxAttempts > math.MaxUint32:
		return task.Errorf(task.InvalidArgument, "Retry.MaxAttempts %d: want 1 or more", p.MaxAttempts)
	case p.MaxAttempts == 0 && (p.InitialBackoff != 0 || p.MaxBackoff != 0 || p.Multiplier != 0 || len(p.Codes) > 0):
		return task.Errorf(task.InvalidArgument, "Retry.MaxAttempts is missing: say how often the task is to run in all")
	case p.MaxAttempts == 0:
		return nil
	}
	request.Retry = &taskschedulerpb.RetryPolicy{MaxAttempts: uint32(p.MaxAttempts), Multiplier: p.Multiplier}
	if p.InitialBackoff != 0 {
		request.Retry.InitialBackoff = durationpb.New(p.InitialBackoff)
	}
	if p.MaxBackoff != 0 {
		request.Retry.MaxBackoff = durationpb.New(p.MaxBackoff)
	}
	for _, code := range p.Codes {
		request.Retry.Codes = append(request.Retry.Codes, uint32(code))
	}
	return nil
}
