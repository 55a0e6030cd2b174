package admin

import (
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	c := newSession(t).Completer()
	c.Choices = func(kind string, _ []string) []string {
		return map[string][]string{
			"plugin":    {"math", "matrix", "text"},
			"task":      {"add", "math::add"},
			"execution": {"0001", "0002", "with space"},
			"state":     {"pending", "running"},
			"event":     {"task_ended", "plugin_loaded", "plugin_crashed"},
			"level":     {"debug", "info"},

			"dead-letter": {"dead-1", "dead-2", "other"},
		}[kind]
	}
	for _, test := range []struct {
		line    string // | is the cursor
		want    string
		choices []string
	}{
		{"pl|", "plugin|", nil},
		{"st|", "stat|", nil},
		{"l|", "l|", []string{"list", "load", "log-level"}},
		{"ex|", "ex|", []string{"execution", "executions", "exit"}},
		{"exe|", "execution|", nil},
		{"executions|", "executions |", nil},
		{"nix|", "nix|", nil},
		{"nix |", "nix |", nil},
		{"load |", "load |", []string{"math", "matrix", "text"}},
		{"load m|", "load mat|", nil},
		{"load mat|", "load mat|", []string{"math", "matrix"}},
		{"load t|", "load text |", nil},
		{"load t| x", "load text |x", nil},
		{"load math t|", "load math t|", nil},
		{"cancel |", "cancel 000|", nil},
		{"log-level d|", "log-level debug |", nil},
		{"help re|", "help re|", []string{"reload", "resume", "revert"}},
		{"executions --s|", "executions --s|", []string{"--since", "--state"}},
		{"executions --st|", "executions --state |", nil},
		{"executions --state r|", "executions --state running |", nil},
		{"executions --state pending,r|", "executions --state pending,running |", nil},
		{"executions --state=p|", "executions --state=pending |", nil},
		{"executions --json --method m|", "executions --json --method math::add |", nil},
		{"executions --limit |", "executions --limit |", nil},
		{"events --kind plugin_|", "events --kind plugin_|", []string{"plugin_crashed", "plugin_loaded"}},
		{"reload --json te|", "reload --json text |", nil},
		{"dea|", "dead-letters |", nil},
		{"dead-letters |", "dead-letters |", []string{"drop", "list", "retry", "show", "undrop"}},
		{"dead-letters retry o|", "dead-letters retry other |", nil},
		{"dead-letters drop other d|", "dead-letters drop other dead-|", nil},
		{"dead-letters --me|", "dead-letters --method |", nil},
		{"dead-letters drop --dr|", "dead-letters drop --dry-run |", nil},
		{"--|", "--json |", nil},
	} {
		pos := strings.Index(test.line, "|")
		line, at, choices := c.Complete(strings.Replace(test.line, "|", "", 1), pos)
		if got := line[:at] + "|" + line[at:]; got != test.want || !slices.Equal(choices, test.choices) {
			t.Errorf("%q: got %q, %q, want %q, %q", test.line, got, choices, test.want, test.choices)
		}
	}
}
