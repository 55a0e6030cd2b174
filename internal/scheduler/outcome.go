package scheduler

import (
	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// State is where a task stands.
type State = store.State

// The states. The last three are final.
const (
	Pending   = store.Pending
	Running   = store.Running
	Succeeded = store.Succeeded
	Failed    = store.Failed
	Cancelled = store.Cancelled
)

// Outcome is a task's state and, once it has ended, what came of it.
type Outcome = store.Outcome

// maxErrorLength is how many bytes of an error message are kept. gRPC carries
// the message in a header block, percent-encoded, and clients refuse header
// blocks of more than 8 KiB.
const maxErrorLength = 2048

func succeeded(result, shape string) Outcome {
	return Outcome{State: Succeeded, Result: result, Shape: shape}
}

func failed(err *task.Error) Outcome {
	if message := clip.Text(err.Message, maxErrorLength); message != err.Message {
		err = &task.Error{Code: err.Code, Message: message}
	}
	return Outcome{State: Failed, Err: err}
}

func cancelled(reason string) Outcome {
	return Outcome{State: Cancelled, Err: task.Errorf(task.Cancelled, "%s", reason)}
}
