package admin

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/completion"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
)

// lineVerbs is what one line of a prompt can hold.
type lineVerbs struct {
	JSON  bool  `name:"json" help:"Print JSON."`
	Verbs Verbs `embed:""`
}

// lineName is what the parser of a line is called; errors begin with it.
const lineName = "admin"

func newLineParser(verbs *lineVerbs, out, stderr io.Writer) *kong.Kong {
	return kong.Must(verbs,
		kong.Name(lineName),
		kong.NoDefaultHelp(),
		kong.Writers(out, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, FlagsLast: true, WrapUpperBound: 120}),
	)
}

// RunLine runs the command that the words of a line spell.
func (s *Session) RunLine(ctx context.Context, words []string) error {
	if slices.Contains(words, "--help") || slices.Contains(words, "-h") {
		words = append([]string{"help"}, slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") })...)
	}
	verbs := new(lineVerbs)
	command, err := newLineParser(verbs, s.Out, s.Err).Parse(words)
	if err != nil {
		return exit.Usagef("%s (see help)", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	}
	asked := *s
	asked.JSON = s.JSON || verbs.JSON
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(&asked)
	s.Left = asked.Left
	return err
}

// Completer returns what completes a line.
func (s *Session) Completer() completion.Completer {
	return completion.Completer{
		Commands: newLineParser(new(lineVerbs), io.Discard, io.Discard).Model.Node,
		Choices:  func(kind string, _ []string) []string { return s.Choices(kind) },
	}
}

const (
	// completionTime is how long the server may take to tell names.
	completionTime = 2 * time.Second
	// completedIDs is how many executions' ids are offered.
	completedIDs = 200
)

// Choices returns the words that there are of a kind, for a completer. What can't
// be had of the server is not offered.
func (s *Session) Choices(kind string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), completionTime)
	defer cancel()
	var names []string
	switch kind {
	case "plugin":
		plugins, _ := s.Client.Plugins(ctx)
		for _, p := range plugins {
			names = append(names, p.Name)
		}
	case "task":
		tasks, _ := s.Client.Tasks(ctx, "", "")
		for _, t := range tasks {
			names = append(names, t.Name)
		}
	case "execution":
		alive := admin.Filter{States: []string{"pending", "running"}, Limit: completedIDs}
		list, _ := s.Client.Executions(ctx, alive)
		for _, x := range list.Executions {
			names = append(names, x.ID)
		}
	case "dead-letter":
		list, _ := s.Client.DeadLetters(ctx, admin.DeadLetterFilter{Limit: completedIDs})
		for i := range list.DeadLetters {
			names = append(names, list.DeadLetters[i].ID)
		}
	case "node":
		all, _ := s.Client.Nodes(ctx)
		for i := range all.Nodes {
			names = append(names, all.Nodes[i].ID)
		}
	case "state":
		names = admin.ExecutionStates()
	case "code":
		names = literal.Codes()
	case "event":
		names = admin.EventKinds()
	case "role":
		names = []string{"viewer", "operator", "admin"}
	case "level":
		names = []string{"debug", "info", "warn", "error"}
	default: // there is nothing to choose from
	}
	return names
}
