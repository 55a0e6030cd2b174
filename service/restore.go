package service

import (
	"math"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// Decode makes a request of what was kept of a client's submission, or of [Encode]'s.
func Decode(kept []byte) (scheduler.Request, error) {
	limits := wire.Limits{Dependencies: math.MaxInt, Tasks: 1} // they were looked at when the task came
	request, err := wire.ParseRequest(kept, limits)
	if err != nil {
		return scheduler.Request{}, err
	}
	return submission("", request), nil
}

// Encode does for a request of this process what those of clients do themselves:
// it returns what [Decode] reads.
func Encode(r *scheduler.Request, args []task.Value) ([]byte, error) {
	request := wire.TaskRequest{
		Method: r.Method, Detached: r.Detached, Durable: r.Durable, InjectResults: r.InjectResults,
		DependencyTimeout: inMilliseconds(r.DependencyTimeout), ExecutionTimeout: inMilliseconds(r.ExecutionTimeout),
		StartAt: r.StartAt, Labels: r.Labels,
	}
	if p := r.Retry; p != nil {
		request.Retry = &wire.RetryPolicy{
			MaxAttempts: p.MaxAttempts, InitialBackoff: p.InitialBackoff, MaxBackoff: p.MaxBackoff, Multiplier: p.Multiplier,
		}
		for _, code := range p.Codes {
			request.Retry.Codes = append(request.Retry.Codes, uint32(code))
		}
	}
	return request.EncodeWith(args, r.Deps)
}

// inMilliseconds rounds up: a time that is set must not become none.
func inMilliseconds(d time.Duration) uint64 {
	return uint64((d + time.Millisecond - 1) / time.Millisecond)
}
