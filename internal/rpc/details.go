package rpc

import (
	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/task"
)

// A DetailedError has a message for clients' programs beside its text.
type DetailedError struct {
	Err    *task.Error
	Detail *connect.ErrorDetail
}

// Error implements error.
func (d *DetailedError) Error() string { return d.Err.Error() }

// Unwrap returns the error that it is.
func (d *DetailedError) Unwrap() error { return d.Err }
