package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/task"
)

// resultCommand looks at a task.
type resultCommand struct {
	ID         string     `arg:"" help:"The task's id."`
	JSON       bool       `name:"json" help:"Print one JSON object: task_id, status, result, node_id, error."`
	Connection connection `embed:""`
}

// Help tells the exit codes.
func (resultCommand) Help() string { return exit.CodesHelp }

// Run asks once and prints the answer.
func (r *resultCommand) Run(ctx context.Context, out *output) error {
	c, err := r.Connection.client()
	if err != nil {
		return err
	}
	defer c.Close()
	result, err := c.Result(ctx, r.ID)
	return exit.Naming(out.result(result, err, r.JSON), "", r.ID)
}

// waitCommand waits for a task.
type waitCommand struct {
	ID         string     `arg:"" help:"The task's id."`
	Timeout    period     `placeholder:"TIME" help:"How long to wait (default: until the task has ended)."`
	JSON       bool       `name:"json" help:"Print one JSON object: task_id, status, result, node_id, error."`
	Connection connection `embed:""`
}

// Help tells the exit codes.
func (waitCommand) Help() string {
	return "The task goes on when the wait is over, or is interrupted.\n\n" + exit.CodesHelp
}

// lastLook is how long the state after a wait in vain may take.
const lastLook = 5 * time.Second

// Run waits, and prints what came of it or where the task stands.
func (w *waitCommand) Run(ctx context.Context, out *output) error {
	c, err := w.Connection.client()
	if err != nil {
		return err
	}
	defer c.Close()
	if w.Timeout == 0 {
		result, err := c.Wait(ctx, w.ID)
		return exit.Naming(out.result(result, err, w.JSON), "", w.ID)
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(w.Timeout))
	defer cancel()
	result, err := c.Wait(limited, w.ID)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		look, cancel := context.WithTimeout(ctx, lastLook)
		defer cancel()
		result, err = c.Result(look, w.ID)
	}
	return exit.Naming(out.result(result, err, w.JSON), "", w.ID)
}

// cancelCommand cancels a task.
type cancelCommand struct {
	ID         string     `arg:"" help:"The task's id."`
	JSON       bool       `name:"json" help:"Print one JSON object: task_id, status, cancelled, error."`
	Connection connection `embed:""`
}

// Help tells the exit codes.
func (cancelCommand) Help() string {
	return "A task that is cancelled already counts as success, one that ended in another way does not.\n\n" + exit.CodesHelp
}

// Run cancels and prints the task's state.
func (c *cancelCommand) Run(ctx context.Context, out *output) error {
	connected, err := c.Connection.client()
	if err != nil {
		return err
	}
	defer connected.Close()
	cancelled, state, err := connected.Cancel(ctx, c.ID)
	switch {
	case err != nil || state == client.StateCancelled:
	case state == client.StateNotFound:
		err = client.Result{ID: c.ID, State: state}.Err()
	default:
		err = task.Errorf(task.FailedPrecondition, "the task is not cancelled: it has ended, with %v", state)
	}
	if c.JSON {
		report := resultReport{TaskID: c.ID, Status: state.String(), Cancelled: &cancelled, Error: exit.FailureOf(err)}
		return exit.Naming(out.report(report, err), "", c.ID)
	}
	if err != nil {
		return exit.Naming(exit.OfCall(err), "", c.ID)
	}
	return out.line(state.String())
}

// resultReport is what --json prints.
type resultReport struct {
	Line      int           `json:"line,omitempty"`   // of run --stdin
	Method    string        `json:"method,omitempty"` // of one of its tasks that failed
	TaskID    string        `json:"task_id"`
	Status    string        `json:"status,omitempty"`
	Cancelled *bool         `json:"cancelled,omitempty"`
	Result    *string       `json:"result,omitempty"` // of a success, which may be empty
	NodeID    string        `json:"node_id,omitempty"`
	Attempt   int           `json:"attempt,omitempty"` // if it isn't the first
	Error     *exit.Failure `json:"error,omitempty"`
}

// newResultReport is what is printed of a result, and of the call's error.
func newResultReport(result client.Result, err error) resultReport {
	report := resultReport{
		TaskID: result.ID, Status: result.State.String(), NodeID: result.NodeID, Error: exit.FailureOf(err),
	}
	if result.Attempt > 1 {
		report.Attempt = result.Attempt
	}
	if result.State == client.StateSuccess {
		report.Result = &result.Text
	}
	return report
}

// report prints r, and returns how the program ends after a call's error.
func (o *output) report(r resultReport, err error) error {
	if failed := o.json(r); failed != nil {
		return failed
	}
	return exit.OfCall(err)
}

// result prints a task's result, and returns how the program ends. err is that
// of the call.
func (o *output) result(result client.Result, err error, asJSON bool) error {
	if err == nil {
		err = result.Err()
	}
	if asJSON {
		if failed := o.json(newResultReport(result, err)); failed != nil {
			return failed
		}
	}
	switch {
	case err != nil:
		return exit.OfCall(err)
	case result.State != client.StateSuccess:
		return &exit.Error{Code: exit.NotEnded, Err: fmt.Errorf("%v: task %s has not ended", result.State, result.ID)}
	case asJSON:
		return nil
	default:
		return o.line(result.Text)
	}
}

// submitted prints the id of a task that was left running.
func (o *output) submitted(id string, err error, asJSON bool) error {
	switch {
	case asJSON:
		return o.report(resultReport{TaskID: id, Error: exit.FailureOf(err)}, err)
	case err != nil:
		return exit.OfCall(err)
	default:
		return o.line(id)
	}
}
