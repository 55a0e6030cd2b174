package admin

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// statusCommand describes the server.
type statusCommand struct{}

// Run asks the server and prints its answer.
func (statusCommand) Run(ctx context.Context, s *Session) error {
	status, err := s.Client.Status(ctx)
	return s.show(err, status, func(t *table.Table) {
		taking := "yes"
		if status.Draining {
			taking = "no, draining"
		}
		t.Row("node", status.NodeID)
		t.Row("version", status.Version+", "+status.GoVersion)
		t.Row("started", fmt.Sprintf("%s, %s ago", table.Time(status.Started), table.Duration(status.Uptime.Duration)))
		t.Row("takes tasks", taking)
		t.Row("log level", status.LogLevel)
		t.Row("tasks", status.Tasks)
		t.Row("plugins", status.Plugins)
		t.Row("not ended", fmt.Sprintf("%d pending, %d running, with %s of arguments",
			status.Pending, status.Running, table.Size(status.ArgumentBytes)))
		if status.WaitingToStart+status.BackingOff > 0 {
			t.Row("for later", fmt.Sprintf("%d wait for their time to start, %d to run again",
				status.WaitingToStart, status.BackingOff))
		}
		if status.DeadLetters > 0 {
			t.Row("dead letters", fmt.Sprintf("%d, %s", status.DeadLetters, table.Size(status.DeadLetterBytes)))
		}
		if status.Overdue > 0 {
			t.Row("overdue", fmt.Sprintf("%d ended, but their functions run on", status.Overdue))
		}
		t.Row("ended", fmt.Sprintf("%d succeeded, %d failed, %d cancelled", status.Succeeded, status.Failed, status.Cancelled))
		t.Row("results kept", status.Results)
		if status.TaskLogBytes > 0 {
			t.Row("said by tasks", table.Size(status.TaskLogBytes)+" are kept")
		}
		t.Row("memory", fmt.Sprintf("%s, %d goroutines", table.Size(status.MemoryBytes), status.Goroutines))
		for _, name := range slices.Sorted(maps.Keys(status.Limits)) {
			t.Row(name, status.Limits[name])
		}
	})
}

// nodeFlag is the node that a command is for.
type nodeFlag struct {
	Node string `placeholder:"ID" complete:"node" help:"A node of the cluster, instead of the server that is asked."`
}

// drainCommand makes a node refuse new tasks.
type drainCommand struct{ nodeFlag }

// Run prints how many tasks are left.
func (d *drainCommand) Run(ctx context.Context, s *Session) error {
	left, err := s.Client.Drain(ctx, d.Node)
	return s.say(err, map[string]any{"left": left}, fmt.Sprintf("new tasks are refused; tasks that have not ended: %d", left))
}

// resumeCommand ends a drain.
type resumeCommand struct{ nodeFlag }

// Run says so.
func (r *resumeCommand) Run(ctx context.Context, s *Session) error {
	err := s.Client.Resume(ctx, r.Node)
	return s.say(err, map[string]any{}, "new tasks are taken again")
}

// logLevelCommand changes the log's level.
type logLevelCommand struct {
	Level string `arg:"" enum:"debug,info,warn,error" complete:"level" help:"Least severe lines to log: debug, info, warn or error."`
}

// Run prints the level before.
func (l *logLevelCommand) Run(ctx context.Context, s *Session) error {
	previous, err := s.Client.SetLogLevel(ctx, l.Level)
	return s.say(err, map[string]any{"previous": previous}, fmt.Sprintf("%s, was %s", l.Level, previous))
}

// helpCommand shows help.
type helpCommand struct {
	Command []string `arg:"" optional:"" complete:"command" help:"The command to explain."`
}

// Run prints what --help prints.
func (h *helpCommand) Run(current *kong.Context) error {
	path := h.Command
	if current.Model.Name != lineName {
		path = append([]string{"admin"}, path...)
	}
	help, err := kong.Trace(current.Kong, path)
	if err == nil {
		err = help.Error
	}
	if err != nil && len(h.Command) > 0 {
		return exit.Usagef("%w", err)
	}
	if last := len(help.Path) - 1; help.Path[last].Command != nil && help.Path[last].Command.Hidden {
		help.Path = help.Path[:last] // the prompt itself: its parent has the commands
	}
	return help.PrintUsage(false)
}

// exitCommand leaves the prompt.
type exitCommand struct{}

// Run has the prompt end after this command.
func (exitCommand) Run(s *Session) error {
	s.Left = true
	return nil
}
