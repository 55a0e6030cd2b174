package cmd

import (
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/manual"
)

// manCommand writes manual pages.
type manCommand struct {
	Dir string `arg:"" complete:"dir" help:"Directory to write them to. It is made if it is not there."`
}

// Help shows how to read one.
func (manCommand) Help() string {
	return `There is a page for the program and one for each command.

Example:

    task-scheduler man man1 && man -l man1/task-scheduler-run.1`
}

// Run writes them.
func (m *manCommand) Run(parser *kong.Kong) error {
	if err := os.MkdirAll(m.Dir, 0o755); err != nil { //nolint:gosec // everybody may read manuals
		return exit.Usagef("%w: choose another directory", err)
	}
	for _, page := range manual.Pages(parser.Model, programVersion(), programDate()) {
		if err := os.WriteFile(filepath.Join(m.Dir, page.File), page.Text, 0o644); err != nil { //nolint:gosec // as above
			return exit.Usagef("%w: choose another directory", err)
		}
	}
	return nil
}
