package admin

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// EncodeLetter returns a dead letter in bytes that another process reads with
// [DecodeLetter]: those of the message that operators get of it.
func EncodeLetter(letter *scheduler.DeadLetter) ([]byte, error) {
	args, err := pack(letter.Args)
	if err != nil {
		return nil, err
	}
	message := describePolicy(letter)
	message.Arguments = args
	return proto.Marshal(message)
}

// DecodeLetter reads a dead letter. Its task is that of the registry, or one of
// its name that can't be run where there is none.
func DecodeLetter(kept []byte, tasks *task.Registry) (letter scheduler.DeadLetter, err error) {
	message := new(pb.GetDeadLetterResponse)
	if err := proto.Unmarshal(kept, message); err != nil {
		return letter, fmt.Errorf("a dead letter can't be read: %w", err)
	}
	policy := &scheduler.RetryPolicy{
		MaxAttempts:    message.GetDeadLetter().GetExecution().GetAttempt(),
		InitialBackoff: message.GetInitialBackoff().AsDuration(),
		MaxBackoff:     message.GetMaxBackoff().AsDuration(),
		Multiplier:     message.GetMultiplier(),
	}
	for _, name := range message.GetCodes() {
		policy.Codes = append(policy.Codes, codeNamed(name))
	}
	letter = scheduler.DeadLetter{
		Execution:        executionOf(message.GetDeadLetter().GetExecution(), tasks),
		ArgBytes:         int64(message.GetDeadLetter().GetArgumentBytes()),
		ExecutionTimeout: message.GetExecutionTimeout().AsDuration(),
		Retry:            policy,
	}
	for _, arg := range message.GetArguments() {
		value, err := wire.Decode(arg.GetTypeUrl(), arg.GetValue())
		if err != nil {
			return letter, fmt.Errorf("an argument of a dead letter can't be read: %w", err)
		}
		letter.Args = append(letter.Args, value)
	}
	return letter, nil
}

// executionOf is the reverse of describeExecution for one that has failed.
func executionOf(x *pb.Execution, tasks *task.Registry) scheduler.Execution {
	t := tasks.Lookup(x.GetMethod())
	if t == nil {
		t = &task.Task{Name: x.GetMethod()}
	}
	return scheduler.Execution{
		ID: x.GetId(), Task: t, Labels: x.GetLabels(), Detached: x.GetDetached(),
		State: scheduler.Failed, Code: codeNamed(x.GetCode()), Message: x.GetMessage(),
		Attempt: x.GetAttempt(), MaxAttempts: x.GetAttempt(), RetryOf: x.GetRetryOf(), Caller: x.GetCaller(),
		Submitted: x.GetSubmittedAt().AsTime(), Started: x.GetStartedAt().AsTime(), Ended: x.GetEndedAt().AsTime(),
	}
}

// codeNamed is the reverse of [task.Code.String]; INTERNAL for a name that is none.
func codeNamed(name string) task.Code {
	const last = 16
	for c := task.Cancelled; c <= last; c++ {
		if c.String() == name {
			return c
		}
	}
	return task.Internal
}
