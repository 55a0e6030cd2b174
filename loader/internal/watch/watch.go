// Package watch tells which files of a directory have settled: are whole, and
// nobody writes them. It doesn't know what they are for.
//
// Programs put files in place in many ways (they truncate and write, rename,
// exchange symbolic links or the whole directory), and no system tells reliably
// when one is done. So events of the system say only when to look. What has
// changed the watcher finds by itself, and a change counts once a file, or its
// absence, has been the same for a while.
package watch

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

const (
	// SettleTime is how long a file, or its absence, must be the same to count.
	// That spares half of a file, and the absence of one that is being exchanged.
	SettleTime = 300 * time.Millisecond
	// WriterTime is how often a file that someone holds open is looked at.
	WriterTime = 50 * time.Millisecond

	// gatherTime is how long the watcher waits after an event for those that follow it.
	gatherTime = 20 * time.Millisecond
	// rescanTime is how often the watcher looks without being told.
	rescanTime = 2 * time.Second
	// blindRescanTime is the same where not every change causes an event: behind
	// a symbolic link, or where the system has no more watches to give.
	blindRescanTime = 250 * time.Millisecond
	// slowWriterTime is when somebody who holds a file open is reported.
	slowWriterTime = 10 * time.Second
)

// Config says what to watch and whom to tell. Every field is needed.
type Config struct {
	// Dir is the directory, absolute. It may come and go.
	Dir string
	// Match tells by a file's name whether to watch it.
	Match func(name string) bool
	// CheckWriters reports a directory that others than its owner may write to.
	CheckWriters bool
	// Receiver is told what is found.
	Receiver Receiver
	// Logger gets what is wrong with watching, and who keeps a file open for long.
	Logger *slog.Logger
}

// A Receiver is told of files. One goroutine calls it, which waits meanwhile.
type Receiver interface {
	// Settled tells the state in which a file has come to rest. The zero
	// fingerprint means that there is none any more or, with an error, why the
	// file can't be looked at. Of one look at the directory, what is gone comes
	// first; the rest is sorted by name.
	Settled(name string, state file.Fingerprint, err error)
	// Directory tells why the directory can't be used; nil: it can again.
	Directory(err error)
	// CaughtUp is called once, when all files that were there at the start have
	// been told of.
	CaughtUp()
}

// Run watches until ctx ends.
func Run(ctx context.Context, config Config) {
	notifier, err := fsnotify.NewWatcher()
	if err != nil {
		config.Logger.Warn("the library directory is looked at in intervals only", "error", err)
		newWatcher(config).run(ctx, nil)
		return
	}
	defer func() { _ = notifier.Close() }() // there is nobody left to tell
	newWatcher(config).run(ctx, notifier)
}

// run watches until ctx ends; without a notifier it looks in intervals.
func (w *watcher) run(ctx context.Context, notifier *fsnotify.Watcher) {
	var events chan fsnotify.Event
	var failures chan error
	if notifier != nil {
		events, failures = notifier.Events, notifier.Errors
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	due := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-events:
			if !w.concerns(event.Name) {
				continue
			}
			if soon := time.Now().Add(gatherTime); soon.Before(due) {
				due = soon
			}
		case err := <-failures: // events may be lost
			w.Logger.Warn("watching the library directory", "error", err)
			due = time.Now()
		case <-timer.C:
			seeing := w.subscribe(notifier)
			due = time.Now().Add(w.scan(seeing))
		}
		timer.Reset(time.Until(due))
	}
}

// concerns tells whether an event about that path may be about a file to watch:
// in the directory all but dot-files, except that names with two dots are how
// Kubernetes exchanges files; in its parent, the directory.
func (w *watcher) concerns(path string) bool {
	base := filepath.Base(path)
	if filepath.Dir(path) != w.Dir {
		return path == w.Dir
	}
	return !strings.HasPrefix(base, ".") || strings.HasPrefix(base, "..")
}

// subscribe asks for events of the directory and its parent, each time anew:
// there may be another directory of that name. It tells whether both will report.
func (w *watcher) subscribe(notifier *fsnotify.Watcher) bool {
	if notifier == nil {
		return false
	}
	parentErr := notifier.Add(filepath.Dir(w.Dir))
	dirErr := notifier.Add(w.Dir)
	return parentErr == nil && (dirErr == nil || errors.Is(dirErr, fs.ErrNotExist))
}
