package admin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// runCommand runs a task.
type runCommand struct {
	Method string   `arg:"" optional:"" complete:"task" help:"Name of the task."`
	Args   []string `arg:"" optional:"" name:"args" help:"Its arguments, as task-scheduler run takes them."`

	ID      string          `name:"id" placeholder:"ID" help:"The task's id (default: a new one)."`
	Label   []literal.Label `sep:"none" placeholder:"KEY=VALUE" help:"A word to find it by; may be repeated."`
	Timeout time.Duration   `name:"execution-timeout" placeholder:"TIME" help:"How long it may run (default: no limit)."`
	Again   string          `placeholder:"ID" complete:"execution" help:"Run this task once more, with what it was called with."`
	DryRun  bool            `help:"Only look at the arguments."`
}

// Run submits the task, which runs on its own, and prints its id.
func (r *runCommand) Run(ctx context.Context, s *Session) error {
	if (r.Method == "") == (r.Again == "") {
		return exit.Usagef("name a task to run, or one to run again by --again")
	}
	args, err := literal.Parse(r.Args, strings.NewReader(""))
	if err != nil {
		return exit.Usagef("%w", err)
	}
	id, err := s.Client.RunTask(ctx, admin.Run{
		Method: r.Method, Args: args, ID: r.ID, Labels: literal.Labels(r.Label), ExecutionTimeout: r.Timeout,
		Again: r.Again, DryRun: r.DryRun,
	})
	line := table.ID(id)
	if r.DryRun {
		line = "the task takes these arguments"
	}
	return exit.Naming(s.say(err, map[string]any{"id": id}, line), r.Method, r.ID)
}

// queueCommand lists what waits.
type queueCommand struct {
	Filter openFilter `embed:""`
	Limit  limit      `default:"100" help:"How many that wait for a time to show at most; 0 is all."`
}

// Run asks the server, as often as it takes, and prints its answers.
func (q *queueCommand) Run(ctx context.Context, s *Session) error {
	filter := q.Filter.filter()
	filter.Limit = int(q.Limit)
	list, err := s.Client.Queue(ctx, filter)
	return s.show(err, list, func(t *table.Table) {
		t.Row("METHOD", "NODE", "PENDING", "TO START", "BACKING OFF", "RUNNING", "OLDEST")
		for i := range list.Methods {
			m := &list.Methods[i]
			t.Row(m.Method, table.OrDash(m.NodeID), m.Pending, m.WaitingToStart, m.BackingOff, m.Running, table.Time(m.Oldest))
		}
		for i := range list.Due {
			x := &list.Due[i]
			t.Below(fmt.Sprintf("%s  %s  %s", table.Time(x.Due), x.Method, table.ID(x.ID)))
		}
		if list.More {
			t.Below("There are more: see --limit.")
		}
		unanswered(t, list.Unanswered, "theirs are missing")
	})
}

// openFilter says which are meant of those that have not ended.
type openFilter struct {
	ID     string          `name:"id" placeholder:"PREFIX" complete:"execution" help:"Only those whose id begins so."`
	Label  []literal.Label `sep:"none" placeholder:"KEY=VALUE" help:"Only those with this label; may be repeated."`
	Method string          `placeholder:"NAME" complete:"task" help:"Only those of this task."`
	Plugin string          `placeholder:"NAME" complete:"plugin" help:"Only those of this plugin's tasks."`
	Caller string          `placeholder:"NAME" help:"Only those that this client has submitted."`
	Since  moment          `placeholder:"TIME" help:"Only those submitted at this time or later: how long ago, such as 10m, or 2006-01-02T15:04:05Z."`
	Until  moment          `placeholder:"TIME" help:"Only those submitted before this time."`
}

func (f *openFilter) filter() admin.Filter {
	return admin.Filter{
		IDPrefix: f.ID, Method: f.Method, Plugin: f.Plugin, Caller: f.Caller, Labels: literal.Labels(f.Label),
		Since: f.Since.time, Until: f.Until.time,
	}
}

// cancelAllCommand cancels what a filter chooses.
type cancelAllCommand struct {
	State  []executionState `placeholder:"STATE" complete:"state" help:"Only those that are pending or running."`
	Filter openFilter       `embed:""`
	All    bool             `help:"All that have not ended."`
	Limit  limit            `default:"0" help:"How many at most, the oldest first; 0 is any number."`
	DryRun bool             `help:"Only tell how many it would be."`
}

// Run cancels and prints how many there were.
func (c *cancelAllCommand) Run(ctx context.Context, s *Session) error {
	filter := c.Filter.filter()
	filter.Limit = int(c.Limit)
	for _, state := range c.State {
		filter.States = append(filter.States, string(state))
	}
	if c.DryRun {
		matched, cancelled, err := s.Client.CancelExecutions(ctx, filter, c.All, true)
		return s.say(err, map[string]any{"matched": matched, cancelledWord: cancelled},
			fmt.Sprintf("tasks that would be cancelled: %d", matched))
	}
	tell, end := s.progress("tasks")
	matched, cancelled, err := cancelAll(ctx, s.Client, filter, c.All, tell)
	end()
	return s.say(err, map[string]any{"matched": matched, cancelledWord: cancelled},
		fmt.Sprintf("tasks that were cancelled: %d of %d", cancelled, matched))
}
