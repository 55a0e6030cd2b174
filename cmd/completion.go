package cmd

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/completion"
)

// completionCommand prints what has a shell complete our command lines.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
}

// Help tells where to put it.
func (completionCommand) Help() string {
	return `It completes commands, flags, file names, and what the running server has: methods, plugins, ids. Load it in each
shell's own file:

    bash, in ~/.bashrc:                   source <(task-scheduler completion bash)
    zsh, in ~/.zshrc, behind compinit:    source <(task-scheduler completion zsh)
    fish, in ~/.config/fish/config.fish:  task-scheduler completion fish | source`
}

// Run prints the script.
func (c *completionCommand) Run(parser *kong.Kong, out *output) error {
	_, err := io.WriteString(out.stdout, completion.Script(c.Shell, parser.Model.Name))
	return err
}

// completeCommand answers these scripts.
type completeCommand struct {
	Shell string   `arg:"" enum:"bash,zsh,fish" help:"The shell that asks."`
	Words []string `arg:"" optional:"" passthrough:"" help:"What has been typed."`
}

// Run prints which words may come next.
func (c *completeCommand) Run(ctx context.Context, parser *kong.Kong, out *output) error {
	completer := completion.Completer{
		Commands: parser.Model.Node,
		Choices:  func(kind string, typed []string) []string { return choices(ctx, kind, typed) },
	}
	typed := c.Words
	if len(typed) > 0 && typed[0] == "--" {
		typed = typed[1:]
	}
	return completer.Answer(out.stdout, c.Shell, typed)
}

// completionTime is how long a server may take to tell names, in all.
const completionTime = 2 * time.Second

// choices asks the server that the flags name, or the environment does, for words
// of a kind. What can't be had is not offered.
func choices(ctx context.Context, kind string, typed []string) []string {
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	line, silent := new(commandLine), &output{stdout: io.Discard, stderr: io.Discard}
	parser := parserOf(line, silent)
	if kind == "profile" {
		return profiles(typed)
	}
	if kind != "method" {
		_, _ = parser.Parse(append([]string{"admin", "status"}, typed...)) // what is wrong shows when it runs
		session, err := line.Admin.ProvideSession(silent)
		if err != nil {
			return nil
		}
		defer session.Client.Close()
		return session.Choices(kind)
	}
	_, _ = parser.Parse(append([]string{"node"}, typed...))
	line.Node.Connection.Config.Attempts = 1
	c, err := line.Node.Connection.client()
	if err != nil {
		return nil
	}
	defer c.Close()
	node, _ := c.Node(ctx)
	return node.Methods
}

// profiles returns the names of those in the file that the flags name, or in the
// user's own.
func profiles(typed []string) []string {
	line, silent := new(commandLine), &output{stdout: io.Discard, stderr: io.Discard}
	_, _ = parserOf(line, silent).Parse(append([]string{"version"}, typed...))
	file, err := readConfig(cmp.Or(line.Config, userConfig(false)))
	if err != nil {
		return nil
	}
	return slices.Collect(maps.Keys(file.profiles))
}
