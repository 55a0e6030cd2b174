package cmd

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestLogsGoToBoth(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs", "here")
	var console bytes.Buffer
	logs, err := openLogs(&console, dir, slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	logs.all.Debug("unseen")
	logs.all.Info("seen", "duration", 1500*time.Millisecond, "id", "a b")

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
	if _, err := time.Parse(logFileTime, strings.TrimSuffix(filepath.Base(files[0]), ".jsonl")); err != nil {
		t.Errorf("file name: %v", err)
	}
	if want := "INF seen duration=1.5s id=\"a b\"\n"; !strings.HasSuffix(console.String(), want) || strings.Contains(console.String(), "\x1b") {
		t.Errorf("console %q, want …%q in plain text", console.String(), want)
	}
	if err := logs.close(); err != nil {
		t.Error(err)
	}
}

func TestLogFilesArePrivateAndEachStartsOwn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	now := time.Date(2026, 11, 23, 21, 52, 7, 123e6, time.UTC)
	var names []string
	for range 3 {
		file, err := createLogFile(dir, now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		names = append(names, filepath.Base(file.Name()))
		if runtime.GOOS == "windows" {
			continue // has no permission bits
		}
		if info, err := file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file.Name(), info.Mode(), err)
		}
	}
	if got, want := strings.Join(names, " "), "2026-11-23T21-52-07.123Z.jsonl 2026-11-23T21-52-07.123Z-2.jsonl 2026-11-23T21-52-07.123Z-3.jsonl"; got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o027 != 0 {
		t.Errorf("directory: %v, %v", info.Mode(), err)
	}
}

func TestNoLogDirectoryMakesNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	var console bytes.Buffer
	logs, err := openLogs(&console, "", slog.LevelWarn)
	if err != nil {
		t.Fatal(err)
	}
	logs.all.Info("unseen")
	logs.all.Warn("seen")
	if err := logs.close(); err != nil {
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
