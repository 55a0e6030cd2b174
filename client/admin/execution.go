package admin

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Execution is one execution of a task.
type Execution struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	// State is one of [ExecutionStates].
	State string `json:"state"`
	// Code, such as "INVALID_ARGUMENT", and Message tell why it failed or was
	// cancelled.
	Code     string `json:"code,omitempty"`
	Message  string `json:"message,omitempty"`
	Detached bool   `json:"detached"`
	// Overdue: it has ended, and its function has not returned since.
	Overdue bool `json:"overdue,omitempty"`
	// Submitted, Started and Ended are zero when that has not happened.
	Submitted time.Time `json:"submitted_at"`
	Started   time.Time `json:"started_at,omitzero"`
	Ended     time.Time `json:"ended_at,omitzero"`
	// Duration is how long it ran, or has been running.
	Duration Duration `json:"duration_seconds"`
	// Attempt is how often it has begun to run.
	Attempt int `json:"attempt,omitempty"`
	// MaxAttempts is how often it may run in all, if that is more than once.
	MaxAttempts int `json:"max_attempts,omitempty"`
	// Due is when it starts, or runs again; zero unless it waits for that.
	Due time.Time `json:"due_at,omitzero"`
	// RetryOf is the task that it is another try of: a dead letter that was retried.
	RetryOf string `json:"retry_of,omitempty"`
	// Plugin is the plugin that it came from; empty for Go code.
	Plugin string `json:"plugin,omitempty"`
	// NodeID names the server that has it, or ran it.
	NodeID string `json:"node_id,omitempty"`
	// Labels are the client's own words for it.
	Labels map[string]string `json:"labels,omitempty"`
	// Progress is how far it says that it is; nil in a list, and when it has not
	// said so or that is not kept any more.
	Progress *Progress `json:"progress,omitempty"`
}

// Progress is how far a task says that it is.
type Progress struct {
	// Fraction is from 0 to 1.
	Fraction float64   `json:"fraction"`
	Note     string    `json:"note,omitempty"`
	Time     time.Time `json:"time"`
}

// ExecutionDetails is all that is known of an execution.
type ExecutionDetails struct {
	Execution

	// Source is where its task comes from: a place in Go code, or a plugin's file.
	Source string `json:"source"`
	// PluginSHA256 is that of the plugin's file, as it was when the task was
	// submitted; empty for Go code.
	PluginSHA256 string `json:"plugin_sha256,omitempty"`
	// Caller is the client that submitted it: an address, the network of one
	// customer, or the name in a certificate.
	Caller string `json:"caller,omitempty"`
	// States are those that it has reached, oldest first.
	States []StateChange `json:"states"`
	// Lines are the newest of those that it has logged, oldest first, and
	// LinesLeftOut is how many others there were.
	Lines        []LogLine `json:"lines,omitempty"`
	LinesLeftOut uint64    `json:"lines_left_out,omitempty"`
	// Arguments are what it was called with, as JSON that is cut when it is long;
	// empty unless they were asked for, and when they are not kept any more.
	Arguments string `json:"arguments,omitempty"`
}

// StateChange is when an execution has reached a state.
type StateChange struct {
	// State is one of [ExecutionStates].
	State string `json:"state"`
	// Time is zero when it isn't known.
	Time time.Time `json:"time,omitzero"`
}

// LogLine is what a task wrote to its log.
type LogLine struct {
	Time  time.Time  `json:"time"`
	Level slog.Level `json:"level"`
	Text  string     `json:"text"`
}

// Filter says which executions to list. A zero field lets all pass.
type Filter struct {
	// States are some of [ExecutionStates].
	States         []string
	Method, Plugin string
	// IDPrefix is what their ids begin with.
	IDPrefix string
	// Caller is the client that submitted them, as [ExecutionDetails] has it.
	Caller string
	// NodeID names the server that has them, or ran them.
	NodeID string
	// Codes are some of gRPC's, such as "INVALID_ARGUMENT".
	Codes []string
	// Labels are those that they must have, with these values.
	Labels map[string]string
	// Since is the earliest submission, Until comes after the latest one.
	Since, Until time.Time
	// Limit is how many at most; 0: all that the server knows. [Client.Executions] begins
	// with the newest, [Client.CancelExecutions] with the oldest.
	Limit int
}

// maxPage is how many executions the server lists in one answer.
const maxPage = 1000

// ExecutionList is some executions, newest first.
type ExecutionList struct {
	Executions []Execution `json:"executions"`
	// More: Filter.Limit left some out.
	More bool `json:"more"`
	// Unanswered are the ids of nodes that did not answer in time: theirs are missing.
	Unanswered []string `json:"unanswered_nodes,omitempty"`
}

// Executions lists tasks that run or wait, and those that ended lately, of all nodes.
func (c *Client) Executions(ctx context.Context, filter Filter) (ExecutionList, error) {
	states, err := numbers[adminpb.ExecutionState](filter.States, ExecutionStates())
	if err != nil {
		return ExecutionList{}, err
	}
	request := &adminpb.ListExecutionsRequest{
		States:   states,
		Method:   filter.Method,
		Plugin:   filter.Plugin,
		IdPrefix: filter.IDPrefix,
		Caller:   filter.Caller,
		Codes:    filter.Codes,
		Labels:   filter.Labels,
		Since:    stamp(filter.Since),
		Until:    stamp(filter.Until),
		NodeId:   filter.NodeID,
	}
	list := ExecutionList{Executions: []Execution{}} // no JSON of it is null
	list.More, err = pages(filter.Limit, func(size uint32, token string) (read int, next string, err error) {
		request.PageSize, request.PageToken = size, token
		response, err := call(ctx, c, c.rpc.ListExecutions, request)
		if err != nil {
			return 0, "", err
		}
		for _, x := range response.GetExecutions() {
			list.Executions = append(list.Executions, newExecution(x))
		}
		list.Unanswered = addNew(list.Unanswered, response.GetUnansweredNodes())
		return len(response.GetExecutions()), response.GetNextPageToken(), nil
	})
	return list, err
}

// pages reads a list page by page, up to a limit unless that is 0. more tells that
// the limit left some out.
func pages(limit int, page func(size uint32, token string) (read int, next string, err error)) (more bool, err error) {
	all, token := 0, ""
	for {
		size := maxPage
		if limit > 0 {
			size = min(maxPage, limit-all)
		}
		read, next, err := page(uint32(size), token)
		if err != nil {
			return false, err
		}
		if next == "" {
			return false, nil
		}
		if all += read; limit > 0 && all >= limit {
			return true, nil
		}
		token = next
	}
}

// Execution returns all that is known of the newest execution of an id, with its
// arguments if they are asked for; a server that doesn't keep them refuses that.
func (c *Client) Execution(ctx context.Context, id string, arguments bool) (ExecutionDetails, error) {
	response, err := call(ctx, c, c.rpc.GetExecution, &adminpb.GetExecutionRequest{Id: id, Arguments: arguments})
	if err != nil {
		return ExecutionDetails{}, err
	}
	details := ExecutionDetails{
		Execution:    newExecution(response.GetExecution()),
		Source:       response.GetSource(),
		PluginSHA256: response.GetPluginSha256(),
		Caller:       response.GetCaller(),
		States:       []StateChange{},
		LinesLeftOut: response.GetLinesLeftOut(),
		Arguments:    response.GetArguments(),
	}
	details.NodeID = cmp.Or(details.NodeID, response.GetNodeId())
	for _, change := range response.GetStates() {
		details.States = append(details.States,
			StateChange{State: word(change.GetState(), executionStatePrefix), Time: moment(change.GetTime())})
	}
	for _, line := range response.GetLines() {
		details.Lines = append(details.Lines,
			LogLine{Time: moment(line.GetTime()), Level: slog.Level(line.GetLevel()), Text: line.GetText()})
	}
	return details, nil
}

// CancelExecution cancels a task that has not ended, and returns its state now.
// cancelled is true only for the call that did it.
func (c *Client) CancelExecution(ctx context.Context, id string) (cancelled bool, state string, err error) {
	response, err := call(ctx, c, c.rpc.CancelExecution, &adminpb.CancelExecutionRequest{Id: id})
	if err != nil {
		return false, "", err
	}
	return response.GetCancelled(), word(response.GetState(), executionStatePrefix), nil
}

func newExecution(x *adminpb.Execution) Execution {
	read := Execution{
		ID:          x.GetId(),
		Method:      x.GetMethod(),
		State:       word(x.GetState(), executionStatePrefix),
		Code:        x.GetCode(),
		Message:     x.GetMessage(),
		Detached:    x.GetDetached(),
		Overdue:     x.GetOverdue(),
		Submitted:   moment(x.GetSubmittedAt()),
		Started:     moment(x.GetStartedAt()),
		Ended:       moment(x.GetEndedAt()),
		Duration:    Duration{x.GetDuration().AsDuration()},
		Attempt:     int(x.GetAttempt()),
		Due:         moment(x.GetDueAt()),
		RetryOf:     x.GetRetryOf(),
		MaxAttempts: int(x.GetMaxAttempts()),
		Plugin:      x.GetPlugin(),
		NodeID:      x.GetNodeId(),
		Labels:      x.GetLabels(),
	}
	if p := x.GetProgress(); p != nil {
		read.Progress = &Progress{Fraction: p.GetFraction(), Note: p.GetNote(), Time: moment(p.GetTime())}
	}
	return read
}
