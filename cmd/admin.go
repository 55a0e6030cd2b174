package cmd

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
	cli "github.com/taskscheduler/taskscheduler/internal/cli/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/prompt"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// adminCommand is what operators have: commands, and a prompt that takes them.
type adminCommand struct {
	AdminAddr      string     `group:"Connection:" default:"127.0.0.1:50052" placeholder:"ADDR" help:"The server's admin address: host and port, or unix:PATH for a Unix socket (default: 127.0.0.1:50052)."`
	AdminTokenFile string     `group:"Connection:" secret:"" placeholder:"FILE" help:"File whose first token is shown to the server. It may be the server's own file."`
	Encryption     encryption `embed:""`
	ConnectTimeout period     `group:"Connection:" default:"5s" help:"How long making a connection may take."`

	JSON bool `name:"json" help:"Print JSON: one document, or one on each line for events. An error is one too."`

	Verbs  cli.Verbs     `embed:""`
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

` + cli.ExitCodesHelp
}

// ProvideSession connects the commands to the server. The parser calls it.
func (a *adminCommand) ProvideSession(out *output) (*cli.Session, error) {
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
		return nil, exit.Usagef("--admin-addr: want host:port or unix:PATH, got %q", a.AdminAddr)
	}
	return &cli.Session{Client: connected, Addr: a.AdminAddr, Out: out.stdout, Err: out.stderr, JSON: a.JSON}, nil
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
	return "", exit.Usagef("--admin-token-file: no token in %s", a.AdminTokenFile)
}

// promptCommand reads commands.
type promptCommand struct{}

// Run reads commands and runs them until there are no more.
func (promptCommand) Run(ctx context.Context, s *cli.Session, out *output, signals *interrupts) error {
	defer s.Client.Close()
	return prompt.Run(ctx, prompt.Config{
		In:     out.stdin,
		Out:    out.stdout,
		Err:    out.stderr,
		Prompt: "admin> ",
		Greet: func(ctx context.Context) (string, error) {
			status, err := s.Client.Status(ctx)
			if err != nil {
				return "", s.Failed(err)
			}
			return fmt.Sprintf("This is %s at %s. Tab completes, help shows the commands, Ctrl-D leaves.",
				table.Line(status.NodeID), s.Addr), nil
		},
		Complete: s.Completer().Complete,
		Run:      s.RunLine,
		Left:     func() bool { return s.Left },
		Nested:   signals.nested,
		History:  "admin_history",
	})
}
