package cmd

import (
	"context"
	"io"
	"log/slog"

	"github.com/taskscheduler/taskscheduler/internal/cli/dev"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/logging"
	"github.com/taskscheduler/taskscheduler/loader"
)

// devCommand works on a plugin's folder.
type devCommand struct {
	Folder string `arg:"" default:"." complete:"dir" help:"The plugin's folder (default: this one)."`

	Build       string        `placeholder:"COMMAND" help:"Command that builds the folder (default: the build of its plugin.toml)."`
	Library     string        `placeholder:"FILE" help:"What the command makes, from the folder (default: the library of its plugin.toml)."`
	PluginLimit []pluginLimit `placeholder:"LIMITS" help:"What the plugin may use and do, such as '* memory=4GiB network'; may be repeated (see serve --help)."`
	LogLevel    level         `default:"info" help:"Least severe lines to show: debug, info, warn or error."`
}

// Help explains what is typed.
func (devCommand) Help() string {
	return `Builds the folder, and again whenever a file in it changes; what was built is loaded into a server of its own, which
listens on free ports of loopback and has nothing but this plugin. Its log is shown, and so are the compiler's errors: the
version before goes on then. Type a task's name and its arguments to call it, as run takes them; Ctrl-C leaves.

    $ task-scheduler plugin dev hello
    dev> multiply 6 7
    42

Calls may come from a pipe as well: each waits until what the files are now has been built and loaded. Results go to
standard output, all else to standard error.

    $ echo 'multiply 6 7' | task-scheduler plugin dev hello

How a folder is built says the plugin.toml in it, which plugin new writes:

    build = "make"
    library = ["libhello.so", "libhello.dylib", "hello.dll"]

Exit codes: 0 it was left or interrupted, or all calls of the pipe succeeded; 1 one of them or the last build failed, 2 wrong
usage.`
}

// Run works until it is left.
func (d *devCommand) Run(ctx context.Context, out *output, signals *interrupts) error {
	every, byName := applyLimits(loader.Limits{}, d.PluginLimit)
	return dev.Run(ctx, dev.Options{
		Folder: d.Folder, Build: d.Build, Library: d.Library, Limits: every, LimitsByName: byName,
		In: out.stdin, Out: out.stdout, Err: out.stderr,
		Log: func(w io.Writer) slog.Handler {
			return logging.FromLevel(logging.Console(w, flags.InError), slog.Level(d.LogLevel))
		},
		Nested: signals.nested,
	})
}
