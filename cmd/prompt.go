package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// promptCommand reads commands.
type promptCommand struct{}

// A lineSource is where commands come from. At the end it says io.EOF.
type lineSource interface{ readLine() (string, error) }

// Run reads commands and runs them until there are no more.
func (promptCommand) Run(ctx context.Context, s *adminSession, signals *interrupts) error {
	defer s.client.Close()
	stdin, in := terminalOf(s.out.stdin)
	stdout, out := terminalOf(s.out.stdout)
	if !in || !out {
		return readScript(ctx, s, signals)
	}
	status, err := s.client.Status(ctx)
	if err != nil {
		return s.failed(err)
	}
	fmt.Fprintf(s.out.stdout, "This is %s at %s. Tab completes, help shows the commands, Ctrl-D leaves.\n",
		printable(status.NodeID), s.addr)
	editor, err := newEditor(stdin, stdout, "admin> ", completer{choices: s.choices}, openHistory())
	if err != nil {
		return err
	}
	defer editor.close()
	return converse(ctx, s, signals, editor)
}

func terminalOf(stream any) (*os.File, bool) {
	file, ok := stream.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// converse runs what somebody types.
func converse(ctx context.Context, s *adminSession, signals *interrupts, source lineSource) error {
	for !s.left {
		line, err := nextLine(ctx, source)
		switch {
		case errors.Is(err, errLineDropped):
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(s.out.stdout)
			return nil
		case err != nil:
			return err
		}
		if err := runLine(ctx, s, signals, line); err != nil {
			fmt.Fprintln(s.out.stderr, err)
		}
	}
	return nil
}

// nextLine returns a line of source, or ctx's error when that ends first. Then
// the read goes on, for the short rest of the program.
func nextLine(ctx context.Context, source lineSource) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := source.readLine()
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		return r.line, r.err
	case <-ctx.Done():
		return "", &exitError{code: exitInterrupted, err: errors.New("interrupted")}
	}
}

// runLine runs one command. Until it has ended, an interrupt is its own.
func runLine(ctx context.Context, s *adminSession, signals *interrupts, line string) error {
	words, err := splitWords(line)
	if err != nil {
		return usage("%w", err)
	}
	if len(words) == 0 {
		return nil
	}
	if slices.Contains(words, "--help") || slices.Contains(words, "-h") {
		words = append([]string{"help"}, slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") })...)
	}
	verbs := new(lineVerbs)
	parser := newLineParser(s.out, verbs)
	command, err := parser.Parse(words)
	if err != nil {
		return usage("%w (see help)", oneLine(err))
	}
	ctx, done := signals.nested(ctx)
	defer done()
	asked := *s
	asked.json = s.json || verbs.JSON
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(&asked)
	s.left = asked.left
	return err
}

// lineVerbs is what one line can hold.
type lineVerbs struct {
	JSON  bool       `name:"json" help:"Print JSON."`
	Verbs adminVerbs `embed:""`
}

func newLineParser(out *output, verbs *lineVerbs) *kong.Kong {
	return kong.Must(verbs,
		kong.Name("admin"),
		kong.NoDefaultHelp(),
		kong.Writers(out.stdout, out.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, FlagsLast: true, WrapUpperBound: 120}),
	)
}
