package cmd

import (
	"context"
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
	// audit writes to both whatever the level.
	audit *slog.Logger
	// file writes to the file alone, for what the console shows anyway.
	file  *slog.Logger
	close func() error
}

// openLogs creates a new file in dir, unless dir is empty.
func openLogs(console io.Writer, dir string, least slog.Leveler) (*logs, error) {
	readable := readableLog(console)
	if dir == "" {
		return &logs{
			all:   slog.New(fromLevel{readable, least}),
			audit: slog.New(readable),
			file:  slog.New(slog.DiscardHandler),
			close: func() error { return nil },
		}, nil
	}
	file, err := createLogFile(dir, time.Now())
	if err != nil {
		return nil, fmt.Errorf("can't write logs to %q: %w: choose another directory with --log-dir, or none with --log-dir=", dir, err)
	}
	machine := slog.NewJSONHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: forMachines})
	both := slog.NewMultiHandler(readable, machine)
	return &logs{
		all:   slog.New(fromLevel{both, least}),
		audit: slog.New(both),
		file:  slog.New(fromLevel{machine, least}),
		close: file.Close,
	}, nil
}

// readableLog writes all lines, for people.
func readableLog(console io.Writer) slog.Handler {
	return tint.NewTextHandler(console, &tint.Options{
		Level:       slog.LevelDebug,
		TimeFormat:  time.TimeOnly + ".000",
		NoColor:     !wantsColor(console),
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr { return errorsInFlags(attr) },
	})
}

// fromLevel passes on what is as severe as least, or more.
type fromLevel struct {
	slog.Handler
	least slog.Leveler
}

// Enabled implements [slog.Handler].
func (f fromLevel) Enabled(_ context.Context, level slog.Level) bool { return level >= f.least.Level() }

// WithAttrs implements [slog.Handler].
func (f fromLevel) WithAttrs(attrs []slog.Attr) slog.Handler {
	return fromLevel{f.Handler.WithAttrs(attrs), f.least}
}

// WithGroup implements [slog.Handler].
func (f fromLevel) WithGroup(name string) slog.Handler {
	return fromLevel{f.Handler.WithGroup(name), f.least}
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

// forMachines writes time spans with their unit, not as nanoseconds.
func forMachines(_ []string, attr slog.Attr) slog.Attr {
	if attr.Value.Kind() == slog.KindDuration {
		attr.Value = slog.StringValue(attr.Value.Duration().String())
	}
	return errorsInFlags(attr)
}

// errorsInFlags lets an error that names settings name flags.
func errorsInFlags(attr slog.Attr) slog.Attr {
	if err, ok := attr.Value.Any().(error); ok {
		attr.Value = slog.AnyValue(namingFlags(err))
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
