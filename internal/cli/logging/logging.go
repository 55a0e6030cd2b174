// Package logging is where a server's log lines go: to the console for people,
// to a file as JSON for machines.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// Logs are where log lines go. Each is written at once, so that none is lost in
// a crash.
type Logs struct {
	// All writes lines for people to the console and JSON to the file.
	All *slog.Logger
	// Audit writes to both whatever the level.
	Audit *slog.Logger
	// File writes to the file alone, for what the console shows anyway.
	File *slog.Logger

	file *file  // nil: none
	stop func() // looking at files' age
}

// Options say how lines are written.
type Options struct {
	// Dir gets a new file, unless it is empty.
	Dir string
	// Limits are what is kept there.
	Limits Limits
	// Least is from where on lines are written.
	Least slog.Leveler
	// Error returns what is written of an error; it may say it in other words.
	Error func(error) error
}

// Open creates a new file in Dir, and deletes old ones that are too many.
func Open(console io.Writer, options Options) (*Logs, error) {
	readable := Console(console, options.Error)
	least := options.Least
	if options.Dir == "" {
		return &Logs{
			All:   slog.New(fromLevel{readable, least}),
			Audit: slog.New(readable),
			File:  slog.New(slog.DiscardHandler),
		}, nil
	}
	if err := options.Limits.check(); err != nil {
		return nil, err
	}
	file, err := newFile(options.Dir, options.Limits)
	if err != nil {
		return nil, fmt.Errorf("can't write logs to %q: %w: choose another directory with --log-dir, or none with --log-dir=", options.Dir, err)
	}
	file.tell = func(lost uint64, err error) {
		if err != nil {
			slog.New(readable).Error("log lines can't be written to the file, and are lost until they can", "dir", file.dir, "error", err)
		} else {
			slog.New(readable).Warn("log lines are written to the file again", "dir", file.dir, "lost", lost)
		}
	}
	machine := slog.NewJSONHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: forMachines(options.Error)})
	both := slog.NewMultiHandler(readable, machine)
	return &Logs{
		All:   slog.New(fromLevel{both, least}),
		Audit: slog.New(both),
		File:  slog.New(fromLevel{machine, least}),
		file:  file,
		stop:  lookAtTimes(file),
	}, nil
}

// Reopen opens a file of the same name, for those who move files away when they
// are large.
func (l *Logs) Reopen() {
	if l.file == nil {
		return
	}
	if err := l.file.reopen(); err != nil {
		l.All.Error("the log file can't be opened again, the former one stays", "error", err)
	}
}

// Lost returns how many lines could not be written to the file.
func (l *Logs) Lost() uint64 {
	if l.file == nil {
		return 0
	}
	return l.file.lostLines()
}

// Close closes the file.
func (l *Logs) Close() error {
	if l.file == nil {
		return nil
	}
	l.stop()
	return l.file.close()
}

// Console writes all lines, for people.
func Console(console io.Writer, rewrite func(error) error) slog.Handler {
	return tint.NewTextHandler(console, &tint.Options{
		Level:       slog.LevelDebug,
		TimeFormat:  time.TimeOnly + ".000",
		NoColor:     !wantsColor(console),
		ReplaceAttr: forPeople(rewrite),
	})
}

// FromLevel returns what passes on to a handler what is as severe as least, or more.
func FromLevel(to slog.Handler, least slog.Leveler) slog.Handler { return fromLevel{to, least} }

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

// wantsColor tells whether w is a terminal whose user has not asked for plain
// text (https://no-color.org). A Windows console may show colors as garbage.
func wantsColor(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && runtime.GOOS != "windows" && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" &&
		term.IsTerminal(int(file.Fd()))
}
