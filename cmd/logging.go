package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

const (
	logDirMode  = 0o750
	logFileMode = 0o600

	// logFileTime names a start's log file, in UTC. File names can't have a
	// colon everywhere.
	logFileTime = "2006-01-02T15-04-05.000Z"
)

// logs are where a server's log lines go. Each is written at once, so that none
// is lost in a crash.
type logs struct {
	// all writes lines for people to the console and JSON to the file.
	all *slog.Logger
	// file writes to the file alone, for what the console shows anyway.
	file  *slog.Logger
	close func() error
}

// openLogs creates a new file in dir, unless dir is empty.
func openLogs(console io.Writer, dir string, least slog.Level) (*logs, error) {
	readable := tint.NewTextHandler(console, &tint.Options{
		Level:      least,
		TimeFormat: time.TimeOnly + ".000",
		NoColor:    !wantsColor(console),
	})
	if dir == "" {
		return &logs{all: slog.New(readable), file: slog.New(slog.DiscardHandler), close: func() error { return nil }}, nil
	}
	file, err := createLogFile(dir, time.Now())
	if err != nil {
		return nil, fmt.Errorf("can't write logs to %q: %w: choose another directory with --log-dir, or none with --log-dir=", dir, err)
	}
	machine := slog.NewJSONHandler(file, &slog.HandlerOptions{Level: least, ReplaceAttr: spellDuration})
	return &logs{all: slog.New(slog.NewMultiHandler(readable, machine)), file: slog.New(machine), close: file.Close}, nil
}

// createLogFile creates a file that is this start's alone.
func createLogFile(dir string, now time.Time) (*os.File, error) {
	if err := os.MkdirAll(dir, logDirMode); err != nil {
		return nil, err
	}
	base := now.UTC().Format(logFileTime)
	name := filepath.Join(dir, base+".jsonl")
	for attempt := 2; ; attempt++ {
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, logFileMode)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
		name = filepath.Join(dir, fmt.Sprintf("%s-%d.jsonl", base, attempt))
	}
}

// spellDuration writes time spans with their unit, not as nanoseconds.
func spellDuration(_ []string, attr slog.Attr) slog.Attr {
	if attr.Value.Kind() == slog.KindDuration {
		attr.Value = slog.StringValue(attr.Value.Duration().String())
	}
	return attr
}

// wantsColor tells whether w is a terminal whose user has not asked for plain
// text (https://no-color.org). A Windows console may show colors as garbage.
func wantsColor(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && runtime.GOOS != "windows" && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" &&
		term.IsTerminal(int(file.Fd()))
}
