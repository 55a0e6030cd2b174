// Package prompt reads commands: at a terminal, where lines are edited,
// completed and remembered, or from a file or a pipe.
package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/words"
)

// Config says what is read, and who runs it. All fields must be set, but for
// those that say otherwise.
type Config struct {
	In       io.Reader
	Out, Err io.Writer
	// Prompt is what each line at a terminal begins with.
	Prompt string
	// Greet returns what is said at a terminal before the first line.
	Greet func(context.Context) (string, error)
	// Complete completes a line, or returns the words that there are to choose
	// from, as a [golang.org/x/term.Terminal] wants it at a tab key.
	Complete func(line string, pos int) (completed string, at int, choices []string)
	// Run runs a command. Its context ends with the command, or when an interrupt
	// ends it.
	Run func(ctx context.Context, words []string) error
	// Left tells whether the last command was to be the last one.
	Left func() bool
	// Nested returns a context for one command: until done is called, an
	// interrupt ends this context and not the program's.
	Nested func(context.Context) (ctx context.Context, done func())
	// History is the name of the file that lines are remembered in.
	History string
	// InterruptLeaves has Ctrl-C end the prompt rather than drop the line.
	InterruptLeaves bool
	// Screen is where others write while a line is edited. May be nil.
	Screen *Screen
}

// A lineSource is where commands come from. At the end it says io.EOF.
type lineSource interface{ readLine() (string, error) }

// Run reads commands and runs them until there are no more. At a terminal it
// tells of a command's error and goes on; else it returns how the program ends,
// which is as the first command did that failed.
func Run(ctx context.Context, c Config) error {
	stdin, in := terminalOf(c.In)
	stdout, out := terminalOf(c.Out)
	if !in || !out {
		return c.readScript(ctx)
	}
	greeting, err := c.Greet(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.Out, greeting)
	editor, err := newEditor(stdin, stdout, &c, openHistory(c.History))
	if err != nil {
		return err
	}
	defer editor.close()
	return c.converse(ctx, editor)
}

func terminalOf(stream any) (*os.File, bool) {
	file, ok := stream.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

// converse runs what somebody types.
func (c *Config) converse(ctx context.Context, source lineSource) error {
	for !c.Left() {
		line, err := nextLine(ctx, source)
		switch {
		case errors.Is(err, errLineDropped) && !c.InterruptLeaves:
			continue
		case errors.Is(err, errLineDropped):
			return nil
		case errors.Is(err, io.EOF):
			fmt.Fprintln(c.Out)
			return nil
		case err != nil:
			return err
		}
		if err := c.runLine(ctx, line); err != nil {
			fmt.Fprintln(c.Err, err)
		}
	}
	return nil
}

// readScript runs all the commands of a file or a pipe.
func (c *Config) readScript(ctx context.Context) error {
	source := newScript(c.In)
	var first error
	for number := 1; !c.Left(); number++ {
		line, err := nextLine(ctx, source)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err = c.runLine(ctx, line); err == nil {
			continue
		}
		fmt.Fprintf(c.Err, "line %d: %v\n", number, err)
		if first == nil {
			first = &exit.Error{Code: exit.CodeOf(err), Err: errors.New("")} // it has been told
		}
	}
	return first
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
		return "", &exit.Error{Code: exit.Interrupted, Err: errors.New("interrupted")}
	}
}

// runLine runs one command. Until it has ended, an interrupt is its own.
func (c *Config) runLine(ctx context.Context, line string) error {
	typed, err := words.Split(line)
	if err != nil {
		return exit.Usagef("%w", err)
	}
	if len(typed) == 0 {
		return nil
	}
	ctx, done := c.Nested(ctx)
	defer done()
	return c.Run(ctx, typed)
}
