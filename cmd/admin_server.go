package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/alecthomas/kong"
)

// statusCommand describes the server.
type statusCommand struct{}

// Run asks the server and prints its answer.
func (statusCommand) Run(ctx context.Context, s *adminSession) error {
	status, err := s.client.Status(ctx)
	return s.show(err, newStatusReport(status), func(t *table) {
		taking := "yes"
		if status.Draining {
			taking = "no, draining"
		}
		t.row("node", status.NodeID)
		t.row("version", status.Version+", "+status.GoVersion)
		t.row("started", fmt.Sprintf("%s, %s ago", readableMoment(status.Started), readableTime(status.Uptime)))
		t.row("takes tasks", taking)
		t.row("log level", status.LogLevel)
		t.row("tasks", status.Tasks)
		t.row("plugins", status.Plugins)
		t.row("not ended", fmt.Sprintf("%d pending, %d running, with %s of arguments",
			status.Pending, status.Running, readableSize(status.ArgumentBytes)))
		t.row("ended", fmt.Sprintf("%d succeeded, %d failed, %d cancelled", status.Succeeded, status.Failed, status.Cancelled))
		t.row("results kept", status.Results)
		t.row("memory", fmt.Sprintf("%s, %d goroutines", readableSize(status.MemoryBytes), status.Goroutines))
		for _, name := range slices.Sorted(maps.Keys(status.Limits)) {
			t.row(name, status.Limits[name])
		}
	})
}

// drainCommand makes the server refuse new tasks.
type drainCommand struct{}

// Run prints how many tasks are left.
func (drainCommand) Run(ctx context.Context, s *adminSession) error {
	left, err := s.client.Drain(ctx)
	return s.say(err, map[string]any{"left": left}, fmt.Sprintf("new tasks are refused; tasks that have not ended: %d", left))
}

// resumeCommand ends a drain.
type resumeCommand struct{}

// Run says so.
func (resumeCommand) Run(ctx context.Context, s *adminSession) error {
	err := s.client.Resume(ctx)
	return s.say(err, map[string]any{}, "new tasks are taken again")
}

// logLevelCommand changes the log's level.
type logLevelCommand struct {
	Level string `arg:"" enum:"debug,info,warn,error" complete:"level" help:"Least severe lines to log: debug, info, warn or error."`
}

// Run prints the level before.
func (l *logLevelCommand) Run(ctx context.Context, s *adminSession) error {
	previous, err := s.client.SetLogLevel(ctx, l.Level)
	return s.say(err, map[string]any{"previous": previous}, fmt.Sprintf("%s, was %s", l.Level, previous))
}

// helpCommand shows help.
type helpCommand struct {
	Command []string `arg:"" optional:"" complete:"command" help:"The command to explain."`
}

// Run prints what --help prints.
func (h *helpCommand) Run(current *kong.Context) error {
	path := h.Command
	if childOf(current.Model.Node, "admin") != nil { // not at the prompt
		path = append([]string{"admin"}, path...)
	}
	help, err := kong.Trace(current.Kong, path)
	if err == nil {
		err = help.Error
	}
	if err != nil && len(h.Command) > 0 {
		return usage("%w", err)
	}
	if last := len(help.Path) - 1; help.Path[last].Command != nil && help.Path[last].Command.Hidden {
		help.Path = help.Path[:last] // the prompt itself: its parent has the commands
	}
	return help.PrintUsage(false)
}

// exitCommand leaves the prompt.
type exitCommand struct{}

// Run has the prompt end after this command.
func (exitCommand) Run(s *adminSession) error {
	s.left = true
	return nil
}
