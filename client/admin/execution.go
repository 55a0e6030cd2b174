package admin

import (
	"context"
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
	// Plugin is the plugin that it came from; empty for Go code.
	Plugin string `json:"plugin,omitempty"`
}

// ExecutionDetails is all that is known of an execution.
type ExecutionDetails struct {
	Execution

	// NodeID names the server that ran it.
	NodeID string `json:"node_id"`
	// Source is where its task comes from: a place in Go code, or a plugin's file.
	Source string `json:"source"`
	// PluginSHA256 is that of the plugin's file; empty for Go code, and when the
	// file has been replaced since.
	PluginSHA256 string `json:"plugin_sha256,omitempty"`
}

// Filter says which executions to list. A zero field lets all pass.
type Filter struct {
	// States are some of [ExecutionStates].
	States         []string
	Method, Plugin string
	// IDPrefix is what their ids begin with.
	IDPrefix string
	// Codes are some of gRPC's, such as "INVALID_ARGUMENT".
	Codes []string
	// Since is the earliest submission, Until comes after the latest one.
	Since, Until time.Time
	// Limit is how many to list at most; 0: all that the server knows.
	Limit int
}

// maxPage is how many executions the server lists in one answer.
const maxPage = 1000

// Executions lists tasks that run or wait, and those that ended lately, newest
// first. more tells that Limit left some out.
func (c *Client) Executions(ctx context.Context, filter Filter) (list []Execution, more bool, err error) {
	states, err := numbers[adminpb.ExecutionState](filter.States, ExecutionStates())
	if err != nil {
		return nil, false, err
	}
	request := &adminpb.ListExecutionsRequest{
		States:   states,
		Method:   filter.Method,
		Plugin:   filter.Plugin,
		IdPrefix: filter.IDPrefix,
		Codes:    filter.Codes,
		Since:    stamp(filter.Since),
		Until:    stamp(filter.Until),
	}
	list = []Execution{} // no JSON of it is null
	for {
		request.PageSize = maxPage
		if filter.Limit > 0 {
			request.PageSize = uint32(min(maxPage, filter.Limit-len(list)))
		}
		response, err := call(ctx, c, c.rpc.ListExecutions, request)
		if err != nil {
			return list, false, err
		}
		for _, x := range response.GetExecutions() {
			list = append(list, newExecution(x))
		}
		request.PageToken = response.GetNextPageToken()
		if request.GetPageToken() == "" {
			return list, false, nil
		}
		if filter.Limit > 0 && len(list) >= filter.Limit {
			return list, true, nil
		}
	}
}

// Execution returns all that is known of the newest execution of an id.
func (c *Client) Execution(ctx context.Context, id string) (ExecutionDetails, error) {
	response, err := call(ctx, c, c.rpc.GetExecution, &adminpb.GetExecutionRequest{Id: id})
	if err != nil {
		return ExecutionDetails{}, err
	}
	return ExecutionDetails{
		Execution:    newExecution(response.GetExecution()),
		NodeID:       response.GetNodeId(),
		Source:       response.GetSource(),
		PluginSHA256: response.GetPluginSha256(),
	}, nil
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
	return Execution{
		ID:        x.GetId(),
		Method:    x.GetMethod(),
		State:     word(x.GetState(), executionStatePrefix),
		Code:      x.GetCode(),
		Message:   x.GetMessage(),
		Detached:  x.GetDetached(),
		Overdue:   x.GetOverdue(),
		Submitted: moment(x.GetSubmittedAt()),
		Started:   moment(x.GetStartedAt()),
		Ended:     moment(x.GetEndedAt()),
		Duration:  Duration{x.GetDuration().AsDuration()},
		Attempt:   int(x.GetAttempt()),
		Plugin:    x.GetPlugin(),
	}
}
