package loader

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settleTime is how long a file, or its absence, must be the same to count.
	// That spares half of a file, and unloading what is about to be replaced.
	settleTime = 300 * time.Millisecond
	// gatherTime is how long the watcher waits after an event for those that follow it.
	gatherTime = 20 * time.Millisecond
	// rescanTime is how often the watcher looks without being told.
	rescanTime = 2 * time.Second
	// blindRescanTime is the same where not every change causes an event: behind
	// a symbolic link, or where the system has no more watches to give.
	blindRescanTime = 250 * time.Millisecond
	// writerTime is how often a file that someone holds open is looked at.
	writerTime = 50 * time.Millisecond
)

// A watcher looks at the library directory whenever something may have
// changed. Events tell it when; what has changed it finds by itself. One
// goroutine uses it.
type watcher struct {
	loader    *Loader
	dir       string
	poke      chan struct{} // has room for one: look now
	sightings map[string]*sighting
	initial   map[string]*sighting // those of the first scan without an outcome yet; nil once ready
	scanned   bool
	dirReason string // why the directory can't be used, as last reported
	missing   bool   // the directory, as last reported
}

// A sighting is what the watcher knows about a file.
type sighting struct {
	seen    footprint
	since   time.Time // when it was seen like this first
	settled bool      // the file's plugin has been told
	blocked bool      // it came to rest but its plugin was not told, for a reason that was reported

	held         time.Time // since when someone has it open for writing though it rests; zero: nobody
	heldReported bool
}

func newWatcher(l *Loader) *watcher {
	return &watcher{
		loader:    l,
		dir:       l.config.Dir,
		poke:      make(chan struct{}, 1),
		sightings: make(map[string]*sighting),
		initial:   make(map[string]*sighting),
	}
}

// look makes the watcher look soon. It may be called from any goroutine.
func (w *watcher) look() {
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

// run watches until ctx ends.
func (w *watcher) run(ctx context.Context) {
	var events chan fsnotify.Event
	var failures chan error
	notifier, err := fsnotify.NewWatcher()
	if err != nil {
		w.loader.config.Logger.Warn("the library directory is looked at in intervals only", "error", err)
	} else {
		defer func() { _ = notifier.Close() }() // there is nobody left to tell
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
			w.loader.config.Logger.Warn("watching the library directory", "error", err)
			due = time.Now()
		case <-w.poke:
			due = time.Now()
		case <-timer.C:
			seeing := w.subscribe(notifier)
			due = time.Now().Add(w.scan(seeing))
		}
		timer.Reset(time.Until(due))
	}
}

// concerns tells whether an event about that path may be about a plugin: in the
// directory all but dot-files, except that names with two dots are how
// Kubernetes exchanges files; in its parent, the directory.
func (w *watcher) concerns(path string) bool {
	base := filepath.Base(path)
	if filepath.Dir(path) != w.dir {
		return path == w.dir
	}
	return !strings.HasPrefix(base, ".") || strings.HasPrefix(base, "..")
}

// subscribe watches the directory and its parent, each time anew: there may be
// another directory of that name. It tells whether both will report.
func (w *watcher) subscribe(notifier *fsnotify.Watcher) bool {
	if notifier == nil {
		return false
	}
	parentErr := notifier.Add(filepath.Dir(w.dir))
	dirErr := notifier.Add(w.dir)
	return parentErr == nil && (dirErr == nil || errors.Is(dirErr, os.ErrNotExist))
}
