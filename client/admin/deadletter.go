package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// DeadLetter is a task that has used up its attempts: its last one.
type DeadLetter struct {
	Execution

	// Arguments is how many it had, injected results included, and ArgumentBytes
	// about what they hold.
	Arguments     int   `json:"arguments"`
	ArgumentBytes int64 `json:"argument_bytes"`
}

// DeadLetterDetails is all that it takes to run a dead letter again.
type DeadLetterDetails struct {
	DeadLetter

	// Args are what the task was called with, injected results first, if they were
	// asked for.
	Args []task.Value `json:"-"`
	// ExecutionTimeout bounds an attempt; zero: nothing does.
	ExecutionTimeout Duration `json:"execution_timeout_seconds"`
	// The policy that it failed under: see client.RetryPolicy.
	InitialBackoff Duration `json:"initial_backoff_seconds"`
	MaxBackoff     Duration `json:"max_backoff_seconds"`
	Multiplier     float64  `json:"multiplier"`
	Codes          []string `json:"codes,omitempty"`
}

// DeadLetterFilter says which dead letters are meant. A zero field lets all pass.
type DeadLetterFilter struct {
	// IDs are the only ones, IDPrefix is what they begin with.
	IDs            []string
	IDPrefix       string
	Method, Plugin string
	// Codes are some of gRPC's, such as "UNAVAILABLE".
	Codes []string
	// Labels are those that they must have, with these values.
	Labels map[string]string
	// Since is the earliest end, Until comes after the latest one.
	Since, Until time.Time
	// Limit is how many at most; 0: any number. [Client.DeadLetters] begins with the
	// latest, [Client.RetryDeadLetters] with the oldest; [Client.DropDeadLetters]
	// knows none.
	Limit int
	// All has those dropped or run again that a filter without anything else means.
	All bool
}

func (f *DeadLetterFilter) message() *adminpb.DeadLetterFilter {
	return &adminpb.DeadLetterFilter{
		Ids:      f.IDs,
		IdPrefix: f.IDPrefix,
		Method:   f.Method,
		Plugin:   f.Plugin,
		Codes:    f.Codes,
		Labels:   f.Labels,
		Since:    stamp(f.Since),
		Until:    stamp(f.Until),
	}
}

// DeadLetterList is some dead letters, the latest first.
type DeadLetterList struct {
	DeadLetters []DeadLetter `json:"dead_letters"`
	// More: DeadLetterFilter.Limit left some out.
	More bool `json:"more"`
	// Unanswered are the ids of nodes that did not answer in time: theirs are missing.
	Unanswered []string `json:"unanswered_nodes,omitempty"`
}

// DeadLetters lists dead letters of all nodes.
func (c *Client) DeadLetters(ctx context.Context, filter DeadLetterFilter) (list DeadLetterList, err error) {
	list.DeadLetters = []DeadLetter{} // no JSON of it is null
	request := &adminpb.ListDeadLettersRequest{Filter: filter.message()}
	list.More, err = pages(filter.Limit, func(size uint32, token string) (read int, next string, err error) {
		request.PageSize, request.PageToken = size, token
		response, err := call(ctx, c, c.rpc.ListDeadLetters, request)
		if err != nil {
			return 0, "", err
		}
		for _, letter := range response.GetDeadLetters() {
			list.DeadLetters = append(list.DeadLetters, newDeadLetter(letter))
		}
		list.Unanswered = addNew(list.Unanswered, response.GetUnansweredNodes())
		return len(response.GetDeadLetters()), response.GetNextPageToken(), nil
	})
	return list, err
}

func newDeadLetter(letter *adminpb.DeadLetter) DeadLetter {
	return DeadLetter{
		Execution:     newExecution(letter.GetExecution()),
		Arguments:     int(letter.GetArguments()),
		ArgumentBytes: int64(letter.GetArgumentBytes()),
	}
}

// DeadLetter returns all of one dead letter, with its arguments if the server shows
// what tasks are called with.
func (c *Client) DeadLetter(ctx context.Context, id string, arguments bool) (DeadLetterDetails, error) {
	response, err := call(ctx, c, c.rpc.GetDeadLetter, &adminpb.GetDeadLetterRequest{Id: id, Arguments: arguments})
	if err != nil {
		return DeadLetterDetails{}, err
	}
	letter := DeadLetterDetails{
		DeadLetter:       newDeadLetter(response.GetDeadLetter()),
		ExecutionTimeout: Duration{response.GetExecutionTimeout().AsDuration()},
		InitialBackoff:   Duration{response.GetInitialBackoff().AsDuration()},
		MaxBackoff:       Duration{response.GetMaxBackoff().AsDuration()},
		Multiplier:       response.GetMultiplier(),
		Codes:            response.GetCodes(),
	}
	for _, arg := range response.GetArguments() {
		value, err := wire.Decode(arg.GetTypeUrl(), arg.GetValue())
		if err != nil {
			return letter, task.Errorf(task.Internal, "an argument can't be read: %w", err)
		}
		letter.Args = append(letter.Args, value)
	}
	return letter, nil
}

// RetriedDeadLetters is what came of running dead letters again.
type RetriedDeadLetters struct {
	// Matched is how many the filter chose, Retried how many of them were submitted.
	Matched int `json:"matched"`
	Retried int `json:"retried"`
	// Tasks are those that were, but for those after the first 1000.
	Tasks []RetriedDeadLetter `json:"tasks,omitempty"`
	// Reason is why the others were not, as far as one of them tells.
	Reason string `json:"reason,omitempty"`
	// Unanswered are the ids of nodes that did not answer: theirs are not counted.
	Unanswered []string `json:"unanswered_nodes,omitempty"`
}

// RetriedDeadLetter is a task that was submitted again.
type RetriedDeadLetter struct {
	ID    string `json:"id"`
	NewID string `json:"new_id"`
}

// RetryDeadLetters submits tasks again, each under a new id; what is submitted is
// no dead letter any more. dry: only tell how many it would be.
func (c *Client) RetryDeadLetters(ctx context.Context, filter DeadLetterFilter, dry bool) (RetriedDeadLetters, error) {
	response, err := call(ctx, c, c.rpc.RetryDeadLetters, &adminpb.RetryDeadLettersRequest{
		Filter: filter.message(), All: filter.All, DryRun: dry, Limit: uint32(max(filter.Limit, 0)),
	})
	if err != nil {
		return RetriedDeadLetters{}, err
	}
	retried := RetriedDeadLetters{
		Matched: int(response.GetMatched()), Retried: int(response.GetRetried()), Reason: response.GetReason(),
		Unanswered: response.GetUnansweredNodes(),
	}
	for _, again := range response.GetDeadLetters() {
		retried.Tasks = append(retried.Tasks, RetriedDeadLetter{again.GetId(), again.GetNewId()})
	}
	return retried, nil
}

// DroppedDeadLetters is what came of dropping dead letters.
type DroppedDeadLetters struct {
	// Matched is how many the filter chose, Dropped how many of them were dropped.
	Matched int `json:"matched"`
	Dropped int `json:"dropped"`
	// Undo has [Client.UndropDeadLetters] bring them back, for a minute; empty when
	// none were dropped.
	Undo string `json:"undo,omitempty"`
	// Unanswered are the ids of nodes that did not answer: theirs are not counted.
	Unanswered []string `json:"unanswered_nodes,omitempty"`
}

// UndropDeadLetters brings back what [Client.DropDeadLetters] has dropped, and returns
// how many that are.
func (c *Client) UndropDeadLetters(ctx context.Context, undo string) (restored int, err error) {
	response, err := call(ctx, c, c.rpc.UndropDeadLetters, &adminpb.UndropDeadLettersRequest{UndoToken: undo})
	if nodes := response.GetUnansweredNodes(); err == nil && len(nodes) > 0 {
		err = silent(nodes)
	}
	return int(response.GetRestored()), err
}

// DropDeadLetters forgets dead letters. dry: only tell how many it would be.
func (c *Client) DropDeadLetters(ctx context.Context, filter DeadLetterFilter, dry bool) (DroppedDeadLetters, error) {
	response, err := call(ctx, c, c.rpc.DropDeadLetters, &adminpb.DropDeadLettersRequest{
		Filter: filter.message(), All: filter.All, DryRun: dry,
	})
	return DroppedDeadLetters{
		Matched: int(response.GetMatched()), Dropped: int(response.GetDropped()), Undo: response.GetUndoToken(),
		Unanswered: response.GetUnansweredNodes(),
	}, err
}
