package client

import (
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// State is where a task stands.
type State uint8

// The states. A task goes from pending to running and ends in success, failed
// or cancelled, which never changes again.
const (
	// StateUnknown means that the server did not say.
	StateUnknown State = iota
	StatePending
	StateRunning
	StateSuccess
	StateFailed
	StateCancelled
	// StateNotFound means that the server does not know the id, or has
	// forgotten it.
	StateNotFound
)

var stateNames = [...]string{
	"UNKNOWN", "PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED", "NOT_FOUND",
}

// String returns the state as the contract spells it: "SUCCESS".
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[StateUnknown]
}

// Ended says whether there is nothing left to wait for.
func (s State) Ended() bool {
	return s == StateSuccess || s == StateFailed || s == StateCancelled || s == StateNotFound
}

func stateOf(status taskschedulerpb.TaskResponse_Status) State {
	switch status {
	case taskschedulerpb.TaskResponse_PENDING:
		return StatePending
	case taskschedulerpb.TaskResponse_RUNNING:
		return StateRunning
	case taskschedulerpb.TaskResponse_SUCCESS:
		return StateSuccess
	case taskschedulerpb.TaskResponse_FAILED:
		return StateFailed
	case taskschedulerpb.TaskResponse_CANCELLED:
		return StateCancelled
	case taskschedulerpb.TaskResponse_NOT_FOUND:
		return StateNotFound
	default:
		return StateUnknown
	}
}

// A Result is what became of a task.
type Result struct {
	ID    string
	State State
	// Text is the result as text after success, the reason after a failure.
	Text string
	// Code is the kind of failure, OK when there is none (yet).
	Code task.Code
	// NodeID names the node that ran the task.
	NodeID string
	// Value is the result as a value, if the task or the question had TypedResult.
	// It is null for a result that is null, or a list that holds one, and for one
	// that was too large for an answer: Text has it.
	Value task.Value
	// Attempt says which attempt it comes from, counted from 1; 0 if the task never
	// ran, or the server doesn't say.
	Attempt int
}

// Err returns nil for a task that succeeded or has not ended. A task that
// failed, was cancelled or is not known is a [*task.Error], and so is a result
// that is too large for the answer that it came in.
func (r Result) Err() error {
	if r.State == StateSuccess && r.Code != task.OK {
		return link.Failure(r.Code, "the result is too large for this answer; ask for it by its id")
	}
	switch r.State {
	case StateFailed, StateCancelled:
		return link.Failure(r.Code, r.Text)
	case StateNotFound:
		return task.Errorf(task.NotFound, "Task not found: %s", r.ID)
	default:
		return nil
	}
}

// An answer is what answers of both kinds carry.
type answer interface {
	GetResult() string
	GetNodeId() string
	GetErrorCode() uint32
	GetValue() *anypb.Any
	GetAttempt() uint32
}

// newResult builds a Result of an answer. A server that names no code, as the
// predecessor's, leaves it to the state. A value of a type that this client doesn't
// know is left to the text.
func newResult(id string, status taskschedulerpb.TaskResponse_Status, a answer) Result {
	r := Result{
		ID: id, State: stateOf(status), Text: a.GetResult(), Code: task.Code(a.GetErrorCode()), NodeID: a.GetNodeId(),
		Attempt: int(a.GetAttempt()),
	}
	if value := a.GetValue(); value != nil {
		r.Value, _ = wire.Decode(value.GetTypeUrl(), value.GetValue())
	}
	switch {
	case r.State == StateNotFound:
		r.Code = task.NotFound
	case r.Code != task.OK:
	case r.State == StateFailed:
		r.Code = task.Internal
	case r.State == StateCancelled:
		r.Code = task.Cancelled
	}
	return r
}

// A Node describes the server that answers.
type Node struct {
	ID string
	// Methods can be called there, sorted.
	Methods []string
	// Pending and Running count the tasks that have not ended.
	Pending, Running int
	// Peers are the other nodes of its cluster.
	Peers []Peer
}

// A Peer is a node as another one sees it.
type Peer struct {
	ID, Addr string
	Alive    bool
}

func newNode(info *taskschedulerpb.NodeInfo) Node {
	n := Node{
		ID:      info.GetNodeId(),
		Methods: info.GetMethods(),
		Pending: int(info.GetPendingTasks()),
		Running: int(info.GetRunningTasks()),
	}
	for _, peer := range info.GetPeers() {
		n.Peers = append(n.Peers, Peer{ID: peer.GetNodeId(), Addr: peer.GetAddress(), Alive: peer.GetAlive()})
	}
	return n
}
