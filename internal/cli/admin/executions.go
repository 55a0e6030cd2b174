package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// executionsCommand lists executions.
type executionsCommand struct {
	State  []executionState `placeholder:"STATE" complete:"state" help:"Only those that are pending, running, succeeded, failed or cancelled; several with commas."`
	ID     string           `name:"id" placeholder:"PREFIX" complete:"execution" help:"Only those whose id begins so."`
	Code   []code           `placeholder:"CODE" complete:"code" help:"Only those that failed with this code, such as INVALID_ARGUMENT; several with commas."`
	Label  []literal.Label  `sep:"none" placeholder:"KEY=VALUE" help:"Only those with this label; may be repeated."`
	Caller string           `placeholder:"NAME" help:"Only those that this client has submitted."`
	Method string           `placeholder:"NAME" complete:"task" help:"Only those of this task."`
	Plugin string           `placeholder:"NAME" complete:"plugin" help:"Only those of this plugin's tasks."`
	Node   string           `placeholder:"ID" complete:"node" help:"Only those that this node has, or ran."`
	Since  moment           `placeholder:"TIME" help:"Only those submitted at this time or later: how long ago, such as 10m, or 2006-01-02T15:04:05Z."`
	Until  moment           `placeholder:"TIME" help:"Only those submitted before this time."`
	Limit  limit            `default:"100" help:"How many to show at most; 0 is all."`
}

// Run asks the server, as often as it takes, and prints its answers.
func (e *executionsCommand) Run(ctx context.Context, s *Session) error {
	filter := admin.Filter{
		IDPrefix: e.ID,
		Caller:   e.Caller,
		Method:   e.Method,
		Plugin:   e.Plugin,
		NodeID:   e.Node,
		Since:    e.Since.time,
		Until:    e.Until.time,
		Limit:    int(e.Limit),
		Labels:   literal.Labels(e.Label),
	}
	for _, c := range e.Code {
		filter.Codes = append(filter.Codes, string(c))
	}
	for _, state := range e.State {
		filter.States = append(filter.States, string(state))
	}
	list, err := s.Client.Executions(ctx, filter)
	return s.show(err, list, func(t *table.Table) {
		head := []any{"ID", "METHOD", "STATE", "SUBMITTED", "RAN", "ERROR"}
		of := ofSeveral(list.Executions)
		if of {
			head = slices.Insert(head, nodeColumn, any("NODE"))
		}
		t.Row(head...)
		for i := range list.Executions {
			x := &list.Executions[i]
			state := x.State
			if x.Overdue {
				state += ", overdue"
			}
			cells := []any{table.ID(x.ID), x.Method, state, table.Time(x.Submitted), ranFor(x), failureText(x)}
			if of {
				cells = slices.Insert(cells, nodeColumn, any(table.OrDash(x.NodeID)))
			}
			t.Row(cells...)
		}
		if list.More {
			t.Below("There are more: see --limit.")
		}
		unanswered(t, list.Unanswered, "theirs are missing")
	})
}

// nodeColumn is where the node stands if not all are of one.
const nodeColumn = 3

// ofSeveral tells whether executions are of several nodes.
func ofSeveral(list []admin.Execution) bool {
	return slices.ContainsFunc(list, func(x admin.Execution) bool { return x.NodeID != list[0].NodeID })
}

// executionCommand shows one execution.
type executionCommand struct {
	ID string `arg:"" complete:"execution" help:"The task's id."`

	Arguments bool `help:"What it was called with, too. A server keeps that only if it is started with --keep-arguments."`
}

// Run asks the server and prints its answer.
func (e *executionCommand) Run(ctx context.Context, s *Session) error {
	x, err := s.Client.Execution(ctx, e.ID, e.Arguments)
	err = s.show(err, x, func(t *table.Table) {
		t.Row("id", table.ID(x.ID))
		t.Row("method", x.Method)
		t.Row("state", x.State)
		if x.Overdue {
			t.Row("overdue", "its function has not returned")
		}
		if x.Code != "" {
			t.Row("code", x.Code)
			t.Row("message", x.Message)
		}
		t.Row("detached", yesOrNo(x.Detached))
		t.Row("submitted", preciseTime(x.Submitted))
		t.Row("started", preciseTime(x.Started))
		t.Row("ended", preciseTime(x.Ended))
		t.Row("ran", ranFor(&x.Execution))
		t.Row("attempt", attemptText(x.Execution))
		if !x.Due.IsZero() {
			t.Row("due", preciseTime(x.Due))
		}
		if x.RetryOf != "" {
			t.Row("retry of", table.ID(x.RetryOf))
		}
		t.Row("node", x.NodeID)
		t.Row("source", table.OrDash(x.Source))
		if x.Plugin != "" {
			t.Row("plugin", x.Plugin)
			t.Row("sha-256", table.OrDash(x.PluginSHA256))
		}
		t.Row("caller", table.OrDash(x.Caller))
		said(t, &x, e.Arguments)
	})
	return exit.Naming(err, "", e.ID)
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// preciseTime returns a time of the user's clock to the millisecond, a dash for
// none.
func preciseTime(moment time.Time) string {
	if moment.IsZero() {
		return "-"
	}
	return moment.Local().Format("2006-01-02 15:04:05.000") //nolint:gosmopolitan // the user's own clock
}

// attemptText is which attempt it is, of how many.
func attemptText(x admin.Execution) string {
	if x.MaxAttempts <= 1 {
		return strconv.Itoa(x.Attempt)
	}
	return fmt.Sprintf("%d of %d", x.Attempt, x.MaxAttempts)
}

func ranFor(x *admin.Execution) string {
	if x.Started.IsZero() {
		return "-"
	}
	return table.Duration(x.Duration.Duration)
}

// failureText is why an execution failed, cut so that a line stays a line.
func failureText(x *admin.Execution) string {
	if x.Code == "" {
		return "-"
	}
	return x.Code + ": " + table.Shorten(x.Message)
}

// cancelledWord is what a task that was cancelled is called.
const cancelledWord = "cancelled"

// cancelCommand cancels a task.
type cancelCommand struct {
	ID string `arg:"" complete:"execution" help:"The task's id."`
}

// Run cancels and prints the task's state.
func (c *cancelCommand) Run(ctx context.Context, s *Session) error {
	cancelled, state, err := s.Client.CancelExecution(ctx, c.ID)
	if err == nil && !cancelled && state != cancelledWord {
		err = task.Errorf(task.FailedPrecondition, "the task is not cancelled: it has ended, %s", state)
	}
	return exit.Naming(s.say(err, map[string]any{cancelledWord: cancelled, "state": state}, state), "", c.ID)
}
