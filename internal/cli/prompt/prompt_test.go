package prompt

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
)

// A commandLog runs commands by writing them down. "fail CODE" fails, and "exit"
// is the last one.
type commandLog struct {
	ran    []string
	nested int
	left   bool
}

func (l *commandLog) run(_ context.Context, words []string) error {
	l.ran = append(l.ran, strings.Join(words, "|"))
	switch words[0] {
	case "exit":
		l.left = true
	case "refuse":
		return exit.Usagef("there is no command of this name")
	case "fail":
		return errors.New("it failed")
	default:
	}
	return nil
}

// read has a log's commands read from text, as from a pipe.
func (l *commandLog) read(ctx context.Context, text string) (told string, err error) {
	var stderr bytes.Buffer
	err = Run(ctx, Config{
		In: strings.NewReader(text), Out: new(bytes.Buffer), Err: &stderr,
		Run: l.run, Left: func() bool { return l.left },
		Nested: func(ctx context.Context) (context.Context, func()) {
			l.nested++
			return ctx, func() { l.nested-- }
		},
	})
	return stderr.String(), err
}

func TestScript(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		ran        []string
		told       string
		code       int
	}{
		{"nothing", "", nil, "", 0},
		{"lines", "list\r\n\n# a comment\nload 'a b'", []string{"list", "load|a b"}, "", 0},
		{
			"a failure", "list\nfail\nrefuse\nlist\n",
			[]string{"list", "fail", "refuse", "list"},
			"line 2: it failed\nline 3: there is no command of this name\n", exit.Failed,
		},
		{"wrong usage", "'\nfail\n", []string{"fail"}, "line 1: a quotation mark is missing\nline 2: it failed\n", exit.WrongUsage},
		{"an end", "exit\nlist\n", []string{"exit"}, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			log := new(commandLog)
			told, err := log.read(t.Context(), test.text)
			if !slices.Equal(log.ran, test.ran) || told != test.told || exit.CodeOf(err) != test.code {
				t.Errorf("ran %q, told %q, ended with %d; want %q, %q, %d", log.ran, told, exit.CodeOf(err), test.ran, test.told, test.code)
			}
			if log.nested != 0 {
				t.Errorf("%d commands have not given interrupts back", log.nested)
			}
			if err != nil && err.Error() != "" {
				t.Errorf("%v has been told twice", err)
			}
		})
	}
}

func TestInterruptBetweenCommands(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	log := new(commandLog)
	if _, err := log.read(ctx, ""); err != nil && exit.CodeOf(err) != exit.Interrupted {
		t.Errorf("got %v", err)
	}
}
