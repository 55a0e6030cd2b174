package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"":                           nil,
		"  \t ":                      nil,
		"list":                       {"list"},
		" cancel  a\tb ":             {"cancel", "a", "b"},
		`cancel "a b" 'c "d' e\ f`:   {"cancel", "a b", `c "d`, "e f"},
		`cancel "" x'y'z`:            {"cancel", "", "xyz"},
		`cancel "a\"b" 'c\d'`:        {"cancel", `a"b`, `c\d`},
		"status # what is it":        {"status"},
		"# nothing":                  nil,
		"cancel a#b":                 {"cancel", "a#b"},
		"executions --method=größer": {"executions", "--method=größer"},
	} {
		if got, err := splitWords(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{`"`, `a 'b`, `a\`, `a "b\"`} {
		if got, err := splitWords(line); err == nil {
			t.Errorf("%q: got %q, want an error", line, got)
		}
	}
}

func FuzzSplitWords(f *testing.F) {
	f.Add(`cancel "a b" 'c' d\ e # f`)
	f.Add("\x80\"\\")
	f.Fuzz(func(t *testing.T, line string) {
		words, err := splitWords(line)
		if err != nil {
			return
		}
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		again, err := splitWords(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(again, words) {
			t.Errorf("%q is %q, and quoted %q, %v", line, words, again, err)
		}
	})
}

func TestComplete(t *testing.T) {
	t.Parallel()
	c := completer{choices: func(kind string) []string {
		return map[string][]string{
			"plugin":    {"math", "matrix", "text"},
			"task":      {"add", "math::add"},
			"execution": {"0001", "0002", "with space"},
			"state":     {"pending", "running"},
			"event":     {"task_ended", "plugin_loaded", "plugin_crashed"},
			"level":     {"debug", "info"},
		}[kind]
	}}
	for _, test := range []struct {
		line    string // | is the cursor
		want    string
		choices []string
	}{
		{"pl|", "plugins |", nil},
		{"st|", "status |", nil},
		{"l|", "l|", []string{"list", "load", "log-level"}},
		{"ex|", "ex|", []string{"executions", "exit"}},
		{"exe|", "executions |", nil},
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
		{"help re|", "help re|", []string{"reload", "resume"}},
		{"executions --s|", "executions --s|", []string{"--since", "--state"}},
		{"executions --st|", "executions --state |", nil},
		{"executions --state r|", "executions --state running |", nil},
		{"executions --state pending,r|", "executions --state pending,running |", nil},
		{"executions --state=p|", "executions --state=pending |", nil},
		{"executions --json --method m|", "executions --json --method math::add |", nil},
		{"executions --limit |", "executions --limit |", nil},
		{"events --kind plugin_|", "events --kind plugin_|", []string{"plugin_crashed", "plugin_loaded"}},
		{"reload --json te|", "reload --json text |", nil},
		{"--|", "--|", nil},
	} {
		pos := strings.Index(test.line, "|")
		line, at, choices := c.complete(strings.Replace(test.line, "|", "", 1), pos)
		if got := line[:at] + "|" + line[at:]; got != test.want || !slices.Equal(choices, test.choices) {
			t.Errorf("%q: got %q, %q, want %q, %q", test.line, got, choices, test.want, test.choices)
		}
	}
}

func TestHistoryIsKept(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "new", "history")
	h := openHistoryFile(name)
	for _, line := range []string{"list", "  ", "plugins", "plugins", "list"} {
		h.Add(line)
	}
	_ = h.file.Close()
	info, err := os.Stat(name)
	if err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v, want a file that is the user's alone", info, err)
	}
	h = openHistoryFile(name)
	if h.Len() != 3 || h.At(0) != "list" || h.At(1) != "plugins" || h.At(2) != "list" {
		t.Errorf("got %q", h.lines)
	}
	for range maxHistoryFile / 100 {
		h.Add(strings.Repeat("x", 99))
		h.Add(strings.Repeat("y", 99))
	}
	_ = h.file.Close()
	h = openHistoryFile(name)
	if h.Len() != keptLines || h.At(0)[0] != 'y' {
		t.Errorf("got %d lines, want %d", h.Len(), keptLines)
	}
	_ = h.file.Close()
	if info, err := os.Stat(name); err != nil || info.Size() != keptLines*100 {
		t.Errorf("the file was not shortened: %v, %v", info, err)
	}
}

func TestHistoryWithoutAFile(t *testing.T) {
	t.Parallel()
	occupied := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h := openHistoryFile(filepath.Join(occupied, "history"))
	h.Add("list")
	if h.Len() != 1 || h.At(0) != "list" {
		t.Errorf("got %q", h.lines)
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-01-02T03:04:05Z":      time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05+02:00": time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC),
		"2026-01-02 03:04:05":       time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local),
		"2026-01-02":                time.Date(2026, 1, 2, 0, 0, 0, 0, time.Local),
	} {
		var got moment
		if err := got.UnmarshalText([]byte(text)); err != nil || !got.time.Equal(want) {
			t.Errorf("%s: got %v, %v, want %v", text, got.time, err, want)
		}
	}
	var ago moment
	if err := ago.UnmarshalText([]byte("90m")); err != nil || time.Since(ago.time).Round(time.Minute) != 90*time.Minute {
		t.Errorf("90m: got %v, %v", ago.time, err)
	}
	for _, text := range []string{"", "yesterday", "-5m", "12:30"} {
		if err := new(moment).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for a time", text)
		}
	}
}
