// Package cmd is the command line: the server, and the commands that call one.
// A program of one's own needs no more than a call of [Main] and an import of
// each package that registers tasks; cmd/task-scheduler is such a program.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/data"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/server"
)

const description = `Runs tasks for clients that speak gRPC, gRPC-Web or Connect.

Without a command it serves. Every flag that shows a $NAME can be set by that environment variable too, and by a key
of the --config file that is spelled after it: max-wait for $TASK_SCHEDULER_MAX_WAIT. The flag wins over the environment,
the environment over the file.`

// commandLine is everything that can be typed.
type commandLine struct {
	Config  string      `help:"TOML file with settings, such as max-pending-tasks = 1000." placeholder:"FILE"`
	Profile string      `help:"Server to call, by its name in the --config file or your own, ~/.config/task-scheduler/config.toml on Linux." placeholder:"NAME" complete:"profile"`
	Version versionFlag `help:"Print the version and exit." short:"v"`

	Serve      serveCommand      `cmd:"" default:"withargs" help:"Run the server (what happens without a command)."`
	Run        runCommand        `cmd:"" help:"Run a task and print its result."`
	Result     resultCommand     `cmd:"" help:"Print a task's result, if it has ended."`
	Wait       waitCommand       `cmd:"" help:"Wait until a task has ended and print its result."`
	Watch      watchCommand      `cmd:"" help:"Show what a task says until it has ended, and print its result."`
	Cancel     cancelCommand     `cmd:"" help:"Cancel a task that has not ended."`
	Methods    methodsCommand    `cmd:"" help:"List the tasks that can be called, with what they take."`
	Describe   describeCommand   `cmd:"" help:"Tell what a task takes, returns and does."`
	Node       nodeCommand       `cmd:"" help:"Show a server's name, tasks and load."`
	Health     healthCommand     `cmd:"" help:"Ask a server whether it takes tasks, as a probe."`
	Admin      adminCommand      `cmd:"" help:"See and steer a running server, by commands or at a prompt."`
	Plugin     pluginCommand     `cmd:"" help:"Write plugins, and look at their files."`
	Data       data.Command      `cmd:"" help:"Check, back up and restore a data directory."`
	Info       versionCommand    `cmd:"" name:"version" help:"Print version, commit and Go version."`
	Completion completionCommand `cmd:"" help:"Print a script that makes a shell complete commands, flags and names."`
	Man        manCommand        `cmd:"" help:"Write manual pages."`
	Complete   completeCommand   `cmd:"" hidden:"" help:"Answer a shell that completes."`
	Help       helpCommand       `cmd:"" help:"Explain the program, or one of its commands."`
}

// Main runs the command line and exits: with 0 when all went well, with 2 when
// something is wrong with flags, environment, configuration file or what they
// name, with 130 on a second interrupt. The client commands add codes of their
// own, which their help tells.
func Main() {
	server.BecomePlugin()
	out := &output{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(run(context.Background(), out, os.Args[1:]))
}

func run(ctx context.Context, out *output, args []string) int {
	parser := newParser(out)
	warnOfVariables(out.stderr, parser)
	command, err := parser.Parse(args)
	if err != nil {
		return report(out, parser.Model.Name, usageError(parser, err))
	}
	warnOfSecrets(out, command)
	ctx, signals := interruptible(ctx)
	defer signals.stop()
	command.BindTo(ctx, (*context.Context)(nil))
	command.Bind(signals)
	return report(out, parser.Model.Name, command.Run())
}

// report says what went wrong, if anything, and returns the exit code for it.
func report(out *output, program string, err error) int {
	if err == nil {
		return 0
	}
	if message := err.Error(); message != "" {
		fmt.Fprintf(out.stderr, "%s: %s\n", program, message)
	}
	return exit.CodeOf(err)
}

func newParser(out *output) *kong.Kong { return parserOf(new(commandLine), out) }

// parserOf returns a parser that fills line.
func parserOf(line *commandLine, out *output) *kong.Kong {
	return kong.Must(line,
		kong.Description(description),
		kong.Writers(out.stdout, out.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, FlagsLast: true, WrapUpperBound: 120}),
		kong.Help(printHelp),
		kong.PostBuild(nameEnvironment),
		kong.PostBuild(func(parser *kong.Kong) error {
			parser.Model.HelpFlag.Help = "Print this help and exit."
			return nil
		}),
		kong.Bind(out),
		kong.BindTo(out.stdout, (*io.Writer)(nil)),
		unitMappers(), kong.Vars(flags.Defaults()),
	)
}

// printHelp adds the server's flags to the help of the program itself, since
// they work without a command.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if ctx.Selected() != nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	hideFlags(ctx.Model.Flags, true) // the server's help shows them below
	err := kong.DefaultHelpPrinter(options, ctx)
	hideFlags(ctx.Model.Flags, false)
	if err != nil {
		return err
	}
	fmt.Fprintln(ctx.Stdout)
	serve := ctx.Model.DefaultCmd
	ctx.Path = append(ctx.Path, &kong.Path{Parent: ctx.Model.Node, Command: serve, Flags: serve.Flags})
	return kong.DefaultHelpPrinter(options, ctx)
}

func hideFlags(flags []*kong.Flag, hidden bool) {
	for _, flag := range flags {
		flag.Hidden = hidden
	}
}

// usageError turns what the parser says into one line that ends with the place
// to read on.
func usageError(parser *kong.Kong, err error) error {
	help := parser.Model.Name
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		if selected := parse.Context.Selected(); selected != nil && selected != parser.Model.DefaultCmd {
			help = selected.FullPath()
		}
	}
	if word, ok := strings.CutPrefix(err.Error(), "unexpected argument "); ok && help == parser.Model.Name { // no command
		var commands []string
		for _, command := range parser.Model.Children {
			if !command.Hidden {
				commands = append(commands, command.Name)
			}
		}
		if near := nearest(word, commands); len(near) > 0 {
			err = fmt.Errorf(`%w, did you mean "%s"?`, err, strings.Join(near, `" or "`))
		}
	}
	return &exit.Error{Code: exit.WrongUsage, Err: fmt.Errorf("%w (see %s --help)", oneLine(err), help)}
}

// oneLine returns err with a message that has no line breaks.
func oneLine(err error) error {
	if lines := strings.Split(strings.TrimSpace(err.Error()), "\n"); len(lines) > 1 {
		return errors.New(strings.Join(lines, "; "))
	}
	return err
}

// output is where commands read and print; tests have their own.
type output struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// line prints text and a line break on standard output.
func (o *output) line(text string) error {
	_, err := fmt.Fprintln(o.stdout, text)
	return err
}

// failed prints a call's error if programs read it, and returns how the program ends.
func (o *output) failed(err error, asJSON bool) error {
	if asJSON {
		if failed := o.json(map[string]any{"error": exit.FailureOf(err)}); failed != nil {
			return failed
		}
	}
	return exit.OfCall(err)
}

// json prints v on standard output as one line.
func (o *output) json(v any) error {
	return table.JSON(o.stdout, v)
}
