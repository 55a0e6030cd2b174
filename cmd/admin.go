package cmd

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/task"
)

// adminCommand is what operators have: commands, and a prompt that takes them.
type adminCommand struct {
	AdminAddr      string     `group:"Connection:" default:"127.0.0.1:50052" placeholder:"ADDR" help:"The server's admin address: host and port, or unix:PATH for a Unix socket."`
	AdminTokenFile string     `group:"Connection:" placeholder:"FILE" help:"File whose first token is shown to the server. It may be the server's own file."`
	Encryption     encryption `embed:""`
	ConnectTimeout period     `group:"Connection:" default:"5s" help:"How long making a connection may take."`

	JSON bool `name:"json" help:"Print JSON: one document, or one on each line for events. An error is one too."`

	Verbs  adminVerbs    `embed:""`
	Prompt promptCommand `cmd:"" default:"1" hidden:"" help:"Read commands."`
}

// Help tells what happens without a command.
func (adminCommand) Help() string {
	return `Without a command it reads commands: at a prompt with completion and history on a terminal, where Ctrl-C ends the
command that runs and Ctrl-D leaves; else one from each line of standard input, and the exit code is that of the
first one that failed.

Examples:

    task-scheduler admin
    task-scheduler admin plugins
    task-scheduler admin executions --state failed --since 10m
    task-scheduler admin --admin-addr unix:/run/task-scheduler.sock --json status
    echo 'reload math' | task-scheduler admin

` + adminExitCodesHelp
}

const adminExitCodesHelp = `Exit codes: 0 success, 1 the server refused or something failed, 2 wrong usage, ` +
	`3 no connection to the server.`

// adminVerbs are the commands, in a shell and at the prompt.
type adminVerbs struct {
	List       listCommand       `cmd:"" help:"List the tasks that can be called, with their figures."`
	Plugins    pluginsCommand    `cmd:"" help:"List the plugins."`
	Load       loadCommand       `cmd:"" help:"Load a plugin from the library directory, also one that was unloaded."`
	Unload     unloadCommand     `cmd:"" help:"Unload a plugin, until it is loaded again or its file changes."`
	Reload     reloadCommand     `cmd:"" help:"Start a plugin anew, or all but the unloaded ones. It also ends a quarantine."`
	Status     statusCommand     `cmd:"" help:"Describe the server: version, load, memory, limits."`
	Executions executionsCommand `cmd:"" help:"List tasks that wait, run or ended lately, newest first."`
	Cancel     stopTaskCommand   `cmd:"" help:"Cancel a task that has not ended."`
	Events     eventsCommand     `cmd:"" help:"Show what happens from now on, until interrupted."`
	Drain      drainCommand      `cmd:"" help:"Refuse new tasks. The server goes on, with those that it has."`
	Resume     resumeCommand     `cmd:"" help:"Take new tasks again."`
	LogLevel   logLevelCommand   `cmd:"" help:"Change how much the server logs, until it stops."`
	Help       helpCommand       `cmd:"" help:"Show the commands, or what one of them does."`
	Exit       exitCommand       `cmd:"" help:"Leave the prompt." aliases:"quit"`
}

// ProvideSession connects the commands to the server. The parser calls it.
func (a *adminCommand) ProvideSession(out *output) (*adminSession, error) {
	security, err := a.Encryption.security()
	if err != nil {
		return nil, err
	}
	token, err := a.token()
	if err != nil {
		return nil, err
	}
	connected, err := admin.New(admin.Config{
		Addr:           a.AdminAddr,
		TLS:            security,
		Token:          token,
		ConnectTimeout: time.Duration(a.ConnectTimeout),
	})
	if err != nil {
		return nil, usage("--admin-addr: want host:port or unix:PATH, got %q", a.AdminAddr)
	}
	return &adminSession{client: connected, addr: a.AdminAddr, out: out, json: a.JSON}, nil
}

// token returns the first token of the file that the flag names, or "". The
// server's file has one on each line, which may follow a name.
func (a *adminCommand) token() (string, error) {
	if a.AdminTokenFile == "" {
		return "", nil
	}
	text, err := readNamed("--admin-token-file", a.AdminTokenFile)
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) > 0 && fields[0][0] != '#' {
			return string(fields[len(fields)-1]), nil
		}
	}
	return "", usage("--admin-token-file: no token in %s", a.AdminTokenFile)
}

// adminSession is what a command works with.
type adminSession struct {
	client *admin.Client
	addr   string
	out    *output
	json   bool
	// left is set by the command that ends a prompt.
	left bool
}

// show prints an answer, as JSON or for people, unless there is an error.
func (s *adminSession) show(err error, document any, table func(*table)) error {
	if err != nil {
		return s.failed(err)
	}
	if s.json {
		return s.out.json(document)
	}
	t := newTable(s.out.stdout)
	table(t)
	return t.Flush()
}

// say prints an answer that is one line for people.
func (s *adminSession) say(err error, document any, line string) error {
	return s.show(err, document, func(t *table) { t.row(line) })
}

// unauthenticated is gRPC's code for one who has not shown who he is.
const unauthenticated task.Code = 16

// failed returns how the program ends after a call's error.
func (s *adminSession) failed(err error) error {
	if errors.Is(err, context.Canceled) {
		err = task.Errorf(task.Cancelled, "interrupted")
	}
	if failure := task.ErrorOf(err); failure.Code == unauthenticated {
		err = task.Errorf(unauthenticated, "%w: name a file with it by --admin-token-file", err)
	}
	if s.json {
		if failed := s.out.json(map[string]any{"error": failureOf(err)}); failed != nil {
			return failed
		}
	}
	return callFailed(err)
}
