package rpc

import (
	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/task"
)

// A Detailed error has a message for clients' programs beside its text.
type Detailed struct {
	Err    *task.Error
	Detail *connect.ErrorDetail
}

// Error implements error.
func (d *Detailed) Error() string { return d.Err.Error() }

// Unwrap returns the error that it is.
func (d *Detailed) Unwrap() error { return d.Err }
