package completion_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/completion"
)

// program is a small command line with a bit of everything.
type program struct {
	Config string `env:"CONFIG" placeholder:"FILE" help:"A file; with more to say."`
	Serve  struct {
		Dir   string   `placeholder:"DIR"`
		Level []string `complete:"level"`
	} `cmd:"" default:"withargs" help:"Serves."`
	Run struct {
		Server string   `short:"s" env:"SERVER"`
		Loud   bool     `help:"Say more." negatable:""`
		Secret bool     `hidden:""`
		Method string   `arg:"" complete:"method"`
		Args   []string `arg:"" optional:""`
	} `cmd:"" help:"Runs. And more."`
	Admin struct {
		List struct {
			Files []string `arg:"" complete:"file"`
		} `cmd:""`
		Load struct{} `cmd:"" aliases:"get"`
		Gone struct{} `cmd:"" hidden:""`
	} `cmd:""`
	Cancel struct {
		ID string `arg:"" complete:"id"`
	} `cmd:""`
	Shell struct {
		Name string `arg:"" enum:"bash,zsh"`
	} `cmd:""`
}

func answer(t *testing.T, shell string, typed ...string) (words []string) {
	t.Helper()
	var asked []string
	c := completion.Completer{
		Commands: kong.Must(new(program), kong.Name("prog")).Model.Node,
		Choices: func(kind string, flags []string) []string {
			asked = flags
			return map[string][]string{
				"method": {"add", "math::add", "math::sum", "bad\tname"},
				"level":  {"info", "warn"},
				"id":     {"a\x1b[2J", "a\u202eb", "a\xffb", "a;$(id)`id`", "a b'!", "--server=evil"},
			}[kind]
		},
	}
	var out bytes.Buffer
	if err := c.Answer(&out, shell, typed); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		words = append(words, strings.TrimRight(line, "\t\n"))
	}
	return append(words, asked...)
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	const breaks = " \t\n\"'><=;|&(:" // bash's own
	for _, test := range []struct {
		shell string
		typed []string
		want  []string // the kind, words, and the flags that the server was asked by
	}{
		{"fish", []string{"r"}, []string{"words", "run\tRuns"}},
		{"fish", []string{""}, []string{"words", "admin", "cancel", "run\tRuns", "serve\tServes", "shell"}},
		{"fish", []string{"--l"}, []string{"words", "--level"}}, // of the command that needs no name
		{"fish", []string{"--dir", ""}, []string{"dirs"}},
		{"fish", []string{"--dir=/t"}, []string{"dirs"}},
		{"fish", []string{"--config", "x", "--le"}, []string{"words", "--level"}},
		{"zsh", []string{"--level", "info,w"}, []string{"words", "info,warn"}},
		{"zsh", []string{"--level=info,"}, []string{"words", "--level=info,info", "--level=info,warn"}},
		{"zsh", []string{"run", "math"}, []string{"words", "math::add", "math::sum"}},
		{"zsh", []string{"--config=c", "run", "--loud", "-s", "host:1", "a"}, []string{"words", "add", "--config=c", "-s", "host:1"}},
		{"zsh", []string{"run", "--"}, []string{"words", "--config\tA file", "--help\tShow context-sensitive help", "--loud\tSay more", "--no-loud\tNot so: Say more", "--server"}},
		{"zsh", []string{"run", "--", "--"}, []string{"words"}},
		{"zsh", []string{"run", "add", "x"}, []string{"words"}},
		{"zsh", []string{"run", "--nix=", ""}, []string{"words", "add", "math::add", "math::sum"}},
		{"zsh", []string{"admin", "l"}, []string{"words", "list", "load"}},
		{"zsh", []string{"admin", "get", ""}, []string{"words"}},
		{"zsh", []string{"admin", "list", "a", "b"}, []string{"files"}},
		{"zsh", []string{"shell", ""}, []string{"words", "bash", "zsh"}},
		{"zsh", nil, nil},
		{"bash", []string{breaks, "prog run math::s"}, []string{"words", "sum"}}, // it keeps what is before the colon
		{"bash", []string{" =", "prog run math::s"}, []string{"words", "math::sum"}},
		{"bash", []string{breaks, "prog --level=info,w"}, []string{"words", "info,warn"}},
		{"bash", []string{breaks, "prog --config 'a b' run "}, []string{"words", "add", "math::add", "math::sum", "--config", "a b"}},
		{"bash", []string{breaks, "prog cancel a"}, []string{"words", `a\ b\'\!`, "a\\;\\$\\(id\\)\\`id\\`"}}, // clients choose ids
		{"zsh", []string{"cancel", "a"}, []string{"words", `a b'!`, "a;$(id)`id`"}},                           // which quotes
		{"zsh", []string{"cancel", ""}, []string{"words", `a b'!`, "a;$(id)`id`"}},
		{"zsh", []string{"cancel", "--", "-"}, []string{"words", "--server=evil"}},
		{"bash", []string{breaks, "prog ru"}, []string{"words", "run\tRuns"}},
	} {
		if got := answer(t, test.shell, test.typed...); !slices.Equal(got, test.want) {
			t.Errorf("%s %q: got %q, want %q", test.shell, test.typed, got, test.want)
		}
	}
}

func TestScriptsNameTheProgram(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script := completion.Script(shell, "my-tasks")
		if !strings.Contains(script, "_my_tasks_complete") || strings.Contains(script, "PROGRAM") || strings.Contains(script, "FUNCTION") {
			t.Errorf("%s: %s", shell, script)
		}
	}
}
