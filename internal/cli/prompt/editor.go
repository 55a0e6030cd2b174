package prompt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// errLineDropped is what readLine returns for a line that Ctrl-C ended.
var errLineDropped = errors.New("interrupted")

// An editor reads lines that somebody edits at a terminal. While no line is
// being read the terminal is as it was before, so that Ctrl-C is an interrupt.
type editor struct {
	in, out  *os.File
	config   *Config
	history  *history
	keys     *keyReader
	terminal *term.Terminal
	state    *term.State // before the first line
}

func newEditor(in, out *os.File, config *Config, past *history) (*editor, error) {
	if err := showEscapes(out); err != nil {
		return nil, fmt.Errorf("this terminal can't be used: %w", err)
	}
	state, err := term.GetState(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("this terminal can't be used: %w", err)
	}
	e := &editor{in: in, out: out, config: config, history: past, keys: &keyReader{from: in}, state: state}
	e.renew()
	return e, nil
}

// renew makes a terminal without a line.
func (e *editor) renew() {
	e.terminal = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{e.keys, e.out}, e.config.Prompt)
	e.terminal.History = e.history
	e.terminal.AutoCompleteCallback = e.completeKey
}

// readLine reads a line, without its end. At Ctrl-D it returns io.EOF.
func (e *editor) readLine() (string, error) {
	if _, err := term.MakeRaw(int(e.in.Fd())); err != nil {
		return "", err
	}
	defer e.close()
	if width, height, err := term.GetSize(int(e.out.Fd())); err == nil {
		_ = e.terminal.SetSize(width, height) // it fails when it can't write; then reading does, too
	}
	e.config.Screen.edit(e.terminal)
	line, err := e.terminal.ReadLine()
	e.config.Screen.edit(nil)
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	if errors.Is(err, io.EOF) && e.keys.last == ctrlC {
		fmt.Fprint(e.out, "^C\r\n")
		e.renew()
		return "", errLineDropped
	}
	return line, err
}

// close puts the terminal back as it was.
func (e *editor) close() { _ = term.Restore(int(e.in.Fd()), e.state) } // there is nothing else to try

// completeKey is called with each key that is not for editing.
func (e *editor) completeKey(line string, pos int, key rune) (newLine string, newPos int, ok bool) {
	if key != '\t' {
		return "", 0, false
	}
	completed, at, choices := e.config.Complete(line, pos)
	if len(choices) > 0 {
		fmt.Fprintln(e.terminal, table.Line(strings.Join(choices, "  ")))
	}
	return completed, at, true
}

const ctrlC = 3

// A keyReader hands out one key at a time, so that what was typed ahead is kept
// when a line is dropped.
type keyReader struct {
	from io.Reader
	last byte
	rest []byte
	room [256]byte
}

func (k *keyReader) Read(p []byte) (int, error) {
	if len(k.rest) == 0 {
		n, err := k.from.Read(k.room[:])
		if n == 0 {
			return 0, err
		}
		k.rest = k.room[:n]
	}
	k.last = k.rest[0]
	k.rest = k.rest[1:]
	return copy(p, []byte{k.last}), nil
}
