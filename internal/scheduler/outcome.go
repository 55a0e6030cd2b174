package scheduler

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

// State is where a task stands.
type State uint8

// The states. The last three are final.
const (
	Pending State = iota
	Running
	Succeeded
	Failed
	Cancelled
)

// Ended reports whether s is final.
func (s State) Ended() bool { return s >= Succeeded }

// Outcome is a task's state and, once it has ended, what came of it.
type Outcome struct {
	// Result is the result as text; empty unless State is Succeeded.
	Result string
	// Err says why there is no result; nil unless State is Failed or Cancelled.
	Err   *task.Error
	State State
}

// maxErrorLength is how many bytes of an error message are kept. gRPC carries
// the message in a header block, percent-encoded, and clients refuse header
// blocks of more than 8 KiB.
const maxErrorLength = 2048

func succeeded(result string) Outcome { return Outcome{State: Succeeded, Result: result} }

func failed(err *task.Error) Outcome {
	if len(err.Message) > maxErrorLength || !utf8.ValidString(err.Message) {
		message := strings.ToValidUTF8(err.Message, "\uFFFD")
		if len(message) > maxErrorLength {
			cut := maxErrorLength
			for !utf8.RuneStart(message[cut]) {
				cut--
			}
			message = message[:cut] + "…"
		}
		err = &task.Error{Code: err.Code, Message: message}
	}
	return Outcome{State: Failed, Err: err}
}

func cancelled(reason string) Outcome {
	return Outcome{State: Cancelled, Err: task.Errorf(task.Cancelled, "%s", reason)}
}

// Request is a submission.
type Request struct {
	// ID is the client's name for this execution; empty: a UUIDv7 is made.
	ID     string
	Method string
	// Args belong to the scheduler from now on.
	Args []task.Value
	// Size is about how many bytes Args hold, for Config.MaxPendingBytes.
	Size int
	// Deps are the ids of tasks that must succeed first.
	Deps []string
	// DependencyTimeout bounds the wait for Deps. Zero is the Config's default,
	// and no wait at all for ids that nobody has submitted.
	DependencyTimeout time.Duration
	// ExecutionTimeout bounds the run alone. Zero: no bound.
	ExecutionTimeout time.Duration
	// InjectResults puts the results of Deps before Args.
	InjectResults bool
	// Detached submissions are answered at once and go on whoever leaves.
	Detached bool
}

// Receipt answers a submission.
type Receipt struct {
	Outcome

	ID string
}
