package cmd

import (
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
)

// helpCommand prints what --help prints, for those who type it first.
type helpCommand struct {
	Command []string `arg:"" optional:"" complete:"command" help:"The command to explain, such as run or admin plugins."`
}

// Help shows examples.
func (helpCommand) Help() string {
	return "Examples:\n\n    task-scheduler help\n    task-scheduler help admin plugins"
}

// Run prints the help.
func (h *helpCommand) Run(current *kong.Context) error {
	help, err := kong.Trace(current.Kong, h.Command)
	if err != nil || help.Error != nil {
		return exit.Usagef("there is no command %q (see %s --help)", strings.Join(h.Command, " "), current.Model.Name)
	}
	named := 0
	for i, step := range help.Path {
		if step.Command == nil {
			continue
		}
		if named++; named > len(h.Command) { // what runs without being named
			help.Path = help.Path[:i]
			break
		}
	}
	return help.PrintUsage(false)
}
