package cmd

import (
	"context"
	"errors"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/task"
)

// listCommand lists tasks.
type listCommand struct {
	Plugin string `placeholder:"NAME" complete:"plugin" help:"Only this plugin's tasks."`
}

// Run asks the server and prints its answer.
func (l *listCommand) Run(ctx context.Context, s *adminSession) error {
	tasks, err := s.client.Tasks(ctx, l.Plugin)
	return s.show(err, map[string]any{"tasks": reports(tasks, newTaskReport)}, func(t *table) {
		t.row("NAME", "KIND", "SOURCE", "CALLS", "FAILED", "CANCELLED", "RUNNING", "PENDING", "MEAN", "P99", "MAX")
		for _, listed := range tasks {
			mean, p99, longest := "-", "-", "-"
			if runs := listed.Latency; runs != nil {
				mean, p99, longest = readableTime(runs.Mean), readableTime(runs.P99), readableTime(runs.Max)
			}
			t.row(listed.Name, asyncWord(listed.Async), shortSource(listed.Source), listed.Calls, listed.Failures,
				listed.Cancelled, listed.Running, listed.Pending, mean, p99, longest)
		}
	})
}

// executionsCommand lists executions.
type executionsCommand struct {
	State  []executionState `placeholder:"STATE" complete:"state" help:"Only those that are pending, running, succeeded, failed or cancelled; several with commas."`
	Method string           `placeholder:"NAME" complete:"task" help:"Only those of this task."`
	Plugin string           `placeholder:"NAME" complete:"plugin" help:"Only those of this plugin's tasks."`
	Since  moment           `placeholder:"TIME" help:"Only those submitted at this time or later: how long ago, such as 10m, or 2006-01-02T15:04:05Z."`
	Until  moment           `placeholder:"TIME" help:"Only those submitted before this time."`
	Limit  limit            `default:"100" help:"How many to show at most; 0 is all."`
}

// Run asks the server, as often as it takes, and prints its answers.
func (e *executionsCommand) Run(ctx context.Context, s *adminSession) error {
	filter := admin.Filter{
		Method: e.Method,
		Plugin: e.Plugin,
		Since:  e.Since.time,
		Until:  e.Until.time,
		Limit:  int(e.Limit),
	}
	for _, state := range e.State {
		filter.States = append(filter.States, string(state))
	}
	list, more, err := s.client.Executions(ctx, filter)
	document := map[string]any{"executions": reports(list, newExecutionReport), "more": more}
	return s.show(err, document, func(t *table) {
		t.row("ID", "METHOD", "STATE", "SUBMITTED", "RAN", "ERROR")
		for _, x := range list {
			t.row(x.ID, x.Method, x.State, readableMoment(x.Submitted), ranFor(x), failureText(x))
		}
		if more {
			t.end("There are more: see --limit.")
		}
	})
}

func ranFor(x admin.Execution) string {
	if x.Started.IsZero() {
		return "-"
	}
	return readableTime(x.Duration)
}

// failureText is why an execution failed, cut so that a line stays a line.
func failureText(x admin.Execution) string {
	if x.Code == "" {
		return "-"
	}
	return x.Code + ": " + shorten(x.Message)
}

// stopTaskCommand cancels a task.
type stopTaskCommand struct {
	ID string `arg:"" complete:"execution" help:"The task's id."`
}

// Run cancels and prints the task's state.
func (c *stopTaskCommand) Run(ctx context.Context, s *adminSession) error {
	cancelled, state, err := s.client.CancelExecution(ctx, c.ID)
	if err == nil && !cancelled && state != "cancelled" {
		err = task.Errorf(task.FailedPrecondition, "the task is not cancelled: it has ended, %s", state)
	}
	return s.say(err, map[string]any{"cancelled": cancelled, "state": state}, state)
}

// eventsCommand shows events.
type eventsCommand struct {
	Kind  []eventKind `placeholder:"KIND" complete:"event" help:"Only events of this kind, such as task_ended; several with commas."`
	Limit limit       `default:"0" help:"How many to show; 0 is any number."`
}

var errEnough = errors.New("as many events as were asked for")

// Run prints events until ctx ends, which is no failure.
func (e *eventsCommand) Run(ctx context.Context, s *adminSession) error {
	kinds := make([]string, len(e.Kind))
	for i, kind := range e.Kind {
		kinds[i] = string(kind)
	}
	shown := 0
	begun := func() { s.out.note("Watching " + s.addr + ". An interrupt ends it.") }
	err := s.client.Watch(ctx, kinds, begun, func(event admin.Event) error {
		if err := s.event(&event); err != nil {
			return err
		}
		if shown++; shown == int(e.Limit) {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) || ctx.Err() != nil {
		return nil //nolint:nilerr // this is how it ends
	}
	if err == nil {
		err = task.Errorf(task.Unavailable, "the server has ended the stream")
	}
	return s.failed(err)
}

// event prints one line, or two.
func (s *adminSession) event(event *admin.Event) error {
	if s.json {
		return s.out.json(newEventReport(*event))
	}
	return printEvent(s.out.stdout, event)
}
