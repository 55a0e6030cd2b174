package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/lmittmann/tint"
)

func same(err error) error { return err }

// ample are limits that no test reaches that isn't about them.
var ample = Limits{Bytes: 1 << 30, Age: 24 * time.Hour, Files: 1000}

func TestLogsGoToBoth(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs", "here")
	var console bytes.Buffer
	logs, err := Open(&console, Options{Dir: dir, Limits: ample, Least: slog.LevelInfo, Error: same})
	if err != nil {
		t.Fatal(err)
	}
	logs.All.Debug("unseen")
	logs.All.Info("seen", "duration", 1500*time.Millisecond, "id", "a b")

	// Each line is there at once, before the file is closed.
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %q, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var line struct {
		Level    string `json:"level"`
		Message  string `json:"msg"`
		Duration string `json:"duration"`
		ID       string `json:"id"`
	}
	if err := json.Unmarshal(text, &line); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if line.Level != "INFO" || line.Message != "seen" || line.Duration != "1.5s" || line.ID != "a b" {
		t.Errorf("line %+v", line)
	}
	if _, err := time.Parse(fileTime, strings.TrimSuffix(filepath.Base(files[0]), ".jsonl")); err != nil {
		t.Errorf("file name: %v", err)
	}
	if want := "INF seen duration=1.5s id=\"a b\"\n"; !strings.HasSuffix(console.String(), want) || strings.Contains(console.String(), "\x1b") {
		t.Errorf("console %q, want …%q in plain text", console.String(), want)
	}
	if err := logs.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoLogDirectoryMakesNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	var console bytes.Buffer
	logs, err := Open(&console, Options{Least: slog.LevelWarn, Error: same})
	if err != nil {
		t.Fatal(err)
	}
	logs.All.Info("unseen")
	logs.All.Warn("seen")
	if err := logs.Close(); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("files %v, %v", entries, err)
	}
	if !strings.Contains(console.String(), "WRN seen") || strings.Contains(console.String(), "unseen") {
		t.Errorf("console %q", console.String())
	}
}

func TestColorIsForTerminalsOnly(t *testing.T) {
	if wantsColor(new(bytes.Buffer)) {
		t.Error("a buffer gets colors")
	}
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals on this platform")
	}
	defer terminal.Close()
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	if !wantsColor(terminal) {
		t.Error("a terminal gets no colors")
	}
	t.Setenv("NO_COLOR", "1")
	if wantsColor(terminal) {
		t.Error("NO_COLOR is not honored")
	}
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	if wantsColor(terminal) {
		t.Error("TERM=dumb is not honored")
	}
}

// Text that clients choose must not pass for something else, wherever it is read.
func TestLinesCanNotSteerTheTerminal(t *testing.T) {
	const steering = "\u202eevil\u2066 \x1b[31mred \\x1b[32m\r \u009b31m \x7f\u200b\U000e0041"
	for _, color := range []bool{false, true} {
		var console bytes.Buffer
		log := slog.New(tint.NewTextHandler(&console, &tint.Options{NoColor: !color, ReplaceAttr: forPeople(same)}))
		log.Info("task ended", "id", steering, "error", errors.New(steering), "any", []string{steering})
		printed := console.String()
		if color { // its own colors are none of the text's
			printed = regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllStringFunc(printed, func(code string) string {
				if code == "\x1b[31m" || code == "\x1b[32m" {
					t.Errorf("the text's color is on the console: %q", console.String())
				}
				return ""
			})
		}
		if strings.ContainsFunc(printed, steers) {
			t.Errorf("color %v: the console gets %q", color, printed)
		}
	}
	logs, err := Open(io.Discard, Options{Dir: t.TempDir(), Limits: ample, Least: slog.LevelInfo, Error: same})
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	logs.All.Info("task ended", "id", steering)
	written, err := os.ReadFile(logs.file.name)
	if err != nil {
		t.Fatal(err)
	}
	var line struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(written, &line); err != nil || line.ID != steering {
		t.Errorf("the file's line %s means %q, %v", written, line.ID, err)
	}
	if bytes.ContainsFunc(written, steers) {
		t.Errorf("the file gets %q", written)
	}
}

func steers(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }

func TestErrorsAreSaidInOtherWords(t *testing.T) {
	var console bytes.Buffer
	logs, err := Open(&console, Options{
		Dir: t.TempDir(), Limits: ample, Least: slog.LevelInfo,
		Error: func(err error) error { return errors.New(strings.ReplaceAll(err.Error(), "Config.X", "--x")) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	logs.All.Info("failed", "error", errors.New("set Config.X"), "message", "see Config.X", "id", "Config.X")
	written, err := os.ReadFile(logs.file.name)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{console.String(), string(written)} {
		if strings.Count(text, "--x") != 2 || strings.Count(text, "Config.X") != 1 {
			t.Errorf("got %s", text)
		}
	}
}
