package client

import (
	"fmt"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	"github.com/taskscheduler/taskscheduler/task"
)

// ErrUnreachable is in the chain of the error of a call that got no answer:
// no connection could be made, or it broke. Whether a task ran is not known
// then; [Client.Result] tells, by the id.
var ErrUnreachable = link.ErrUnreachable

// A TaskError says which task it is that failed, was refused or got no answer.
// In its chain are the [*task.Error] that says why, and
// [context.DeadlineExceeded] when a time limit was over, be it the caller's or
// the task's.
type TaskError struct {
	// Method is empty for a task that was asked for by its id, and ID when no request
	// could be made of a task that had none.
	Method, ID string

	cause *task.Error
}

// failureOf returns err as a TaskError; nil for nil.
func failureOf(method, id string, err error) error {
	if err == nil {
		return nil
	}
	return &TaskError{method, id, task.ErrorOf(err)}
}

// Error returns the reason, then the method and id.
func (e *TaskError) Error() string {
	if e.Method == "" {
		return fmt.Sprintf("%v (id %s)", e.cause, e.ID)
	}
	return fmt.Sprintf("%v (method %s, id %s)", e.cause, e.Method, e.ID)
}

// Unwrap returns the [*task.Error].
func (e *TaskError) Unwrap() error { return e.cause }
