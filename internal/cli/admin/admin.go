// Package admin is the commands by which operators see and steer a server, in a
// shell and at a prompt.
package admin

import (
	"context"
	"errors"
	"io"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// Verbs are the commands, for a parser's model.
type Verbs struct {
	List        listCommand        `cmd:"" help:"List the tasks that can be called, with their statistics."`
	Plugins     pluginsCommand     `cmd:"" help:"List the plugins."`
	Plugin      pluginCommand      `cmd:"" help:"Show all of one plugin: its versions and what it says."`
	Upload      uploadCommand      `cmd:"" help:"Bring a plugin into the library directory, in the place of the one of its name."`
	Revert      revertCommand      `cmd:"" help:"Bring back the version of a plugin that an upload has replaced."`
	Load        loadCommand        `cmd:"" help:"Load a plugin from the library directory, also one that was unloaded."`
	Unload      unloadCommand      `cmd:"" help:"Unload a plugin, until it is loaded again or its file changes."`
	Reload      reloadCommand      `cmd:"" help:"Start a plugin anew, or all but the unloaded ones. It also ends a quarantine."`
	Status      statusCommand      `cmd:"" help:"Describe the server: version, load, memory, limits."`
	Stats       statsCommand       `cmd:"" help:"Show how the server does, second by second, until interrupted."`
	Run         runCommand         `cmd:"" help:"Run a task, or one once more, and print its id. The command does not wait for it."`
	Queue       queueCommand       `cmd:"" help:"Show what waits: how much of which task, and what is due when."`
	Cluster     clusterCommand     `cmd:"" help:"See the nodes of the cluster; remove or replace one that is gone for good."`
	Executions  executionsCommand  `cmd:"" help:"List tasks that wait, run or ended lately, newest first."`
	Execution   executionCommand   `cmd:"" help:"Show all that is known of one task."`
	Cancel      cancelCommand      `cmd:"" help:"Cancel a task that has not ended."`
	CancelAll   cancelAllCommand   `cmd:"" help:"Cancel those that a filter chooses and that have not ended."`
	Events      eventsCommand      `cmd:"" help:"Show what happens from now on, until interrupted."`
	DeadLetters deadLettersCommand `cmd:"" help:"List, show, run again or drop tasks that have used up their attempts."`
	Drain       drainCommand       `cmd:"" help:"Refuse new tasks. The server goes on, with those that it has."`
	Resume      resumeCommand      `cmd:"" help:"Take new tasks again."`
	LogLevel    logLevelCommand    `cmd:"" help:"Change how much the server logs, until it stops."`
	Whoami      whoAmICommand      `cmd:"" help:"Show who you are to the server, and what you may do."`
	Audit       auditCommand       `cmd:"" help:"List changes that somebody asked for, the newest first."`
	Token       tokenCommand       `cmd:"" help:"Make a token, and the line of the server's file of roles for it."`
	Help        helpCommand        `cmd:"" help:"Show the commands, or what one of them does."`
	Exit        exitCommand        `cmd:"" help:"Leave the prompt." aliases:"quit"`
}

// ExitCodesHelp tells what the commands' exit codes mean.
const ExitCodesHelp = `Exit codes: 0 success, 1 the server refused or something failed, 2 wrong usage, ` +
	`3 no connection to the server.`

// A Session is what a command works with.
type Session struct {
	Client *admin.Client
	// Addr is the server's address, as the user wrote it.
	Addr string
	// Out is where answers go, Err where notes go.
	Out, Err io.Writer
	// JSON has answers printed for programs.
	JSON bool
	// Left is set by the command that ends a prompt.
	Left bool
}

// show prints an answer, as JSON or for people, unless there is an error.
func (s *Session) show(err error, document any, fill func(*table.Table)) error {
	if err != nil {
		return s.Failed(err)
	}
	if s.JSON {
		return table.JSON(s.Out, document)
	}
	t := table.New(s.Out)
	fill(t)
	return t.Flush()
}

// say prints an answer that is one line for people.
func (s *Session) say(err error, document any, line string) error {
	return s.show(err, document, func(t *table.Table) { t.Row(line) })
}

// unauthenticated is gRPC's code for one who has not shown who he is.
const unauthenticated task.Code = 16

// Failed returns how the program ends after a call's error, which it prints if
// programs read it.
func (s *Session) Failed(err error) error {
	if errors.Is(err, context.Canceled) {
		err = task.Errorf(task.Cancelled, "interrupted")
	}
	if failure := task.ErrorOf(err); failure.Code == unauthenticated {
		err = task.Errorf(unauthenticated, "%w: name a file with it by --admin-token-file", err)
	}
	if s.JSON {
		if failed := table.JSON(s.Out, map[string]any{"error": exit.FailureOf(err)}); failed != nil {
			return failed
		}
	}
	return exit.OfCall(err)
}
