package client

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/anypb"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// A Task is what to run and how.
type Task struct {
	// ID names this run. Submitting a known id again starts nothing: it answers
	// with the first one's result. Empty: a new UUIDv7.
	ID string
	// Method is the name that the task is registered under.
	Method string
	// Args are packed as [task.ValueOf] says. A [task.Value] goes as it is.
	Args []any
	// Deps are the ids of tasks that must end in success before this one starts.
	Deps []string
	// DependencyTimeout is how long to wait for Deps, in whole milliseconds,
	// rounded up. Zero means the server's default, and no wait at all for an id
	// that nobody has submitted.
	DependencyTimeout time.Duration
	// ExecutionTimeout bounds the run alone, in whole milliseconds, rounded up.
	// Zero means no bound.
	ExecutionTimeout time.Duration
	// InjectResults puts the results of Deps, as strings, before Args.
	InjectResults bool
	// StartAt is the time before which it doesn't start. Zero, and what is over: at
	// once.
	StartAt time.Time
	// Retry says when it is run again after a failure. Zero: never.
	Retry RetryPolicy
	// Labels are words of your own that operators find it by: at most 16, of 64 bytes
	// a key and 256 a value.
	Labels map[string]string
	// Detached leaves the task to run on its own, whoever leaves: it is answered
	// at once, with the state that it has.
	Detached bool
	// TypedResult asks for the result as a value too: see [Result.Decode]. Not for
	// very large results: a list of small numbers takes 30 times its text.
	TypedResult bool
}

// NewID returns a new id for a [Task], a UUIDv7, for whoever has to know it before the
// task is submitted: others depend on it, or watch it.
func NewID() string {
	return uuid.Must(uuid.NewV7()).String() // fails only without a source of randomness
}

// request packs t. What can't be packed is an [*task.Error].
func (t Task) request() (*taskschedulerpb.TaskRequest, error) {
	dependencyTimeout, err := milliseconds("dependency timeout", t.DependencyTimeout)
	if err != nil {
		return nil, err
	}
	executionTimeout, err := milliseconds("execution timeout", t.ExecutionTimeout)
	if err != nil {
		return nil, err
	}
	args, err := pack(t.Args)
	if err != nil {
		return nil, err
	}
	id := t.ID
	if id == "" {
		id = NewID()
	}
	request := &taskschedulerpb.TaskRequest{
		TaskId:                  id,
		Method:                  t.Method,
		Args:                    args,
		Deps:                    t.Deps,
		DependencyTimeoutMs:     dependencyTimeout,
		InjectDependencyResults: t.InjectResults,
		ExecutionTimeoutMs:      executionTimeout,
		Detached:                t.Detached,
		TypedResult:             t.TypedResult,
		Labels:                  t.Labels,
	}
	return request, t.later(request)
}

func pack(args []any) ([]*anypb.Any, error) {
	packed := make([]*anypb.Any, len(args))
	for i, arg := range args {
		v, err := task.ValueOf(arg)
		if err != nil {
			return nil, task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		typeURL, value, err := wire.Encode(v)
		if err != nil {
			return nil, task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		packed[i] = &anypb.Any{TypeUrl: typeURL, Value: value}
	}
	return packed, nil
}

// milliseconds rounds d up: a timeout that was asked for must not become 0,
// which means something else.
func milliseconds(what string, d time.Duration) (uint64, error) {
	if d < 0 {
		return 0, task.Errorf(task.InvalidArgument, "%s %v: want zero or more", what, d)
	}
	ms := uint64(d / time.Millisecond)
	if d%time.Millisecond > 0 {
		ms++
	}
	return ms, nil
}
