package scheduler

import "github.com/taskscheduler/taskscheduler/task"

// A HeldError says that another node has claimed the id of a submission: who asks
// there joins its task.
type HeldError struct {
	ID   string
	Node string // that has it
}

// Error implements error.
func (e *HeldError) Error() string { return e.Unwrap().Error() }

// Unwrap returns what clients are told.
func (e *HeldError) Unwrap() error {
	return task.Errorf(task.Unavailable, "task %q is that of node %s, which did not answer; try again", e.ID, e.Node)
}
