// Package data has the commands that look after a data directory while no server
// uses it.
package data

import (
	"errors"
	"fmt"
	"io"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/internal/datadir"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
)

// Command is the command data.
type Command struct {
	Check   checkCommand   `cmd:"" help:"Check every record in a data directory against its checksum."`
	Backup  backupCommand  `cmd:"" help:"Copy a data directory, and check the copy."`
	Restore restoreCommand `cmd:"" help:"Make a data directory of a backup, once that is checked."`
}

// Help shows examples.
func (Command) Help() string {
	return about + `

Examples:

    task-scheduler data check /var/lib/task-scheduler
    task-scheduler data backup /var/lib/task-scheduler /backup/2026-05-01
    task-scheduler data restore /var/lib/task-scheduler /backup/2026-05-01

` + exits
}

const (
	about = "A server that uses the directory has to be stopped first; nothing is changed in it."
	exits = "Exit codes: 0 all is whole, 1 something is damaged or can't be copied, 2 wrong usage."
)

type checkCommand struct {
	Dir  string `arg:"" help:"Data directory."`
	JSON bool   `help:"Print one JSON object: results, result_bytes, queue_messages, queue_bytes, and missing, the messages that a power cut has cost."`
}

// Help says what has to be so.
func (checkCommand) Help() string { return about + "\n\n" + exits }

// Run checks a directory.
func (c *checkCommand) Run(out io.Writer) error {
	dir, err := datadir.OpenExisting(c.Dir)
	if err != nil {
		return &exit.Error{Code: exit.WrongUsage, Err: err}
	}
	defer dir.Close()
	return check(out, dir, c.JSON)
}

// read checks what a node has kept alone, or its copy of what a cluster keeps.
func read(dir *datadir.Dir) (nats.Report, error) {
	if dir.Clustered() {
		return nats.CheckCopy(dir.Cluster())
	}
	return nats.Check(dir.Engine(), false)
}

func check(out io.Writer, dir *datadir.Dir, asJSON bool) error {
	report, err := read(dir)
	if err != nil {
		return &exit.Error{Code: exit.Failed, Err: err}
	}
	if asJSON {
		return table.JSON(out, map[string]any{
			"results": report.Results.Messages, "result_bytes": report.Results.Bytes,
			"queue_messages": report.Tasks.Messages, "queue_bytes": report.Tasks.Bytes, "missing": report.Missing,
		})
	}
	_, err = fmt.Fprintf(out, "whole: %d results in %d bytes, %d messages of the queue in %d bytes\n",
		report.Results.Messages, report.Results.Bytes, report.Tasks.Messages, report.Tasks.Bytes)
	if err == nil && report.Missing > 0 {
		_, err = fmt.Fprintf(out, "the last %d messages are missing: the machine stopped before its disk had them\n", report.Missing)
	}
	return err
}

type backupCommand struct {
	Dir string `arg:"" help:"Data directory."`
	To  string `arg:"" help:"Directory for the copy, new or empty."`
}

// Help says what has to be so.
func (backupCommand) Help() string { return about + "\n\n" + exits }

// Run copies a directory.
func (c *backupCommand) Run(out io.Writer) error { return copyChecked(out, c.Dir, c.To) }

type restoreCommand struct {
	Dir  string `arg:"" help:"Data directory to make, new or empty."`
	From string `arg:"" help:"Directory with the backup."`
}

// Help says what has to be so.
func (restoreCommand) Help() string {
	return "The backup stays as it is. A directory that is damaged has to be moved away first.\n\n" + exits
}

// Run makes a directory of a backup.
func (c *restoreCommand) Run(out io.Writer) error { return copyChecked(out, c.From, c.Dir) }

// copyChecked copies a directory that is whole, and checks the copy.
func copyChecked(out io.Writer, from, to string) error {
	source, err := datadir.OpenExisting(from)
	if err != nil {
		return &exit.Error{Code: exit.WrongUsage, Err: err}
	}
	defer source.Close()
	if _, err := read(source); err != nil {
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("nothing was copied: %w", err)}
	}
	if err := source.Copy(to); err != nil {
		return &exit.Error{Code: exit.Failed, Err: err}
	}
	copied, err := datadir.OpenExisting(to)
	if err != nil {
		return &exit.Error{Code: exit.Failed, Err: err}
	}
	return errors.Join(check(out, copied, false), copied.Close())
}
