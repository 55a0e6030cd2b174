package link

import (
	"context"
	"errors"

	"connectrpc.com/connect"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// An OutcomeError is in the chain of an error that is how a task has ended, as the
// server says of one that may have had several attempts: to make the call again
// does not help.
type OutcomeError struct {
	// Attempt is the one that it comes from.
	Attempt int

	message string
	code    task.Code
}

// Error returns the server's message.
func (o *OutcomeError) Error() string { return o.message }

// Is makes a time limit that was over on the server [context.DeadlineExceeded].
func (o *OutcomeError) Is(target error) bool {
	return o.code == task.DeadlineExceeded && target == context.DeadlineExceeded
}

// OutcomeOf returns the OutcomeError in an error's chain, or nil.
func OutcomeOf(err error) *OutcomeError {
	o, _ := errors.AsType[*OutcomeError](err)
	return o
}

// readOutcome returns what a call's error tells of the task's end, or nil.
func readOutcome(failure *connect.Error) *OutcomeError {
	if failure == nil {
		return nil
	}
	for _, detail := range failure.Details() {
		told, err := detail.Value()
		if err != nil {
			continue
		}
		if answer, ok := told.(*taskschedulerpb.TaskResponse); ok {
			return &OutcomeError{Attempt: int(answer.GetAttempt()), message: failure.Message(), code: task.Code(failure.Code())}
		}
	}
	return nil
}
