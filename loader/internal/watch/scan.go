package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// A watcher finds out what has changed. One goroutine uses it.
type watcher struct {
	Config

	files   map[string]*tracked
	initial map[string]bool // what was there at the start and is not reported yet
	scanned bool
	caught  bool   // up
	dirErr  string // as last reported
	missing bool   // the directory, as last logged
}

// A state is what a look at a file shows.
type state struct {
	fingerprint file.Fingerprint
	problem     string // why it can't be looked at
}

func (s state) gone() bool { return s == state{} }

// A tracked is what the watcher knows about a file.
type tracked struct {
	state    state
	since    time.Time // when it was seen in this state first
	reported bool      // the receiver was told of the state

	heldSince  time.Time // since when someone has it open for writing though it rests; zero: nobody
	heldLogged bool
}

func newWatcher(config Config) *watcher {
	return &watcher{Config: config, files: make(map[string]*tracked), initial: make(map[string]bool)}
}

// scan looks at all files, reports those that came to rest, and returns when to
// look again at the latest. seeing: changes cause events.
func (w *watcher) scan(seeing bool) time.Duration {
	now := time.Now()
	found, linked, err := w.list()
	next := rescanTime
	if linked || !seeing {
		next = blindRescanTime
	}
	if err != nil { // which says nothing about the files
		w.reportDir(fmt.Errorf("the library directory can't be read: %w", err))
	} else {
		w.reportDir(w.checkDir())
		for name := range w.files {
			if _, ok := found[name]; !ok {
				found[name] = state{}
			}
		}
		for _, name := range slices.SortedFunc(maps.Keys(found), goneFirst(found)) {
			next = min(next, w.visit(name, found[name], now))
		}
	}
	w.scanned = true
	if len(w.initial) == 0 && !w.caught {
		w.caught = true
		w.Receiver.CaughtUp()
	}
	return next
}

// goneFirst orders names so that the absence of one file is told before another
// one that may take its place.
func goneFirst(found map[string]state) func(a, b string) int {
	return func(a, b string) int {
		switch goneA, goneB := found[a].gone(), found[b].gone(); {
		case goneA && !goneB:
			return -1
		case goneB && !goneA:
			return 1
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	}
}

// list returns the files to watch, and whether symbolic links are among them. A
// directory that does not exist has none.
func (w *watcher) list() (found map[string]state, linked bool, err error) {
	found = make(map[string]state)
	entries, err := os.ReadDir(w.Dir)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing && !w.missing {
		w.Logger.Info("the library directory is not there: waiting for it", "dir", w.Dir)
	}
	w.missing = missing
	if missing {
		return found, false, nil
	}
	for _, entry := range entries {
		if !w.Match(entry.Name()) {
			continue
		}
		link := entry.Type()&fs.ModeSymlink != 0
		linked = linked || link
		if s := w.look(entry.Name(), link); !s.gone() {
			found[entry.Name()] = s
		}
	}
	return found, linked, err
}

// look returns a file's state now.
func (w *watcher) look(name string, link bool) state {
	info, err := os.Stat(filepath.Join(w.Dir, name)) // follows links
	known := w.files[name]
	switch {
	case err == nil:
		return state{fingerprint: file.FingerprintOf(info)}
	case errors.Is(err, fs.ErrNotExist) && !link:
		return state{}
	case errors.Is(err, fs.ErrNotExist):
		return state{problem: name + " is a symbolic link that leads to no file"}
	case known != nil && known.state.fingerprint.Present(): // not known to have changed
		return known.state
	default:
		return state{problem: err.Error()}
	}
}

func (w *watcher) checkDir() error {
	if !w.CheckWriters {
		return nil
	}
	info, err := os.Stat(w.Dir)
	if err == nil {
		err = file.CheckWriters(w.Dir, info)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// visit follows one file, and returns when it should be looked at again.
func (w *watcher) visit(name string, seen state, now time.Time) time.Duration {
	t := w.files[name]
	switch {
	case t == nil:
		t = w.track(name, seen, now)
	case seen != t.state:
		*t = tracked{state: seen, since: now}
	}
	switch wait := SettleTime - now.Sub(t.since); {
	case t.reported:
		return rescanTime
	case wait > 0:
		return wait
	case seen.fingerprint.Present() && file.BeingWritten(filepath.Join(w.Dir, name)):
		w.noteWriter(name, t, now)
		return WriterTime
	}
	w.report(name, t)
	return rescanTime
}

func (w *watcher) track(name string, seen state, now time.Time) *tracked {
	t := &tracked{state: seen, since: now}
	w.files[name] = t
	if !w.scanned {
		w.initial[name] = true
		if seen.fingerprint.RestedFor(SettleTime, now) { // nothing has happened to it lately
			t.since = now.Add(-SettleTime)
		}
	}
	return t
}

func (w *watcher) report(name string, t *tracked) {
	t.reported = true
	delete(w.initial, name)
	if t.state.gone() {
		delete(w.files, name)
	}
	var err error
	if t.state.problem != "" {
		err = errors.New(t.state.problem)
	}
	w.Receiver.Settled(name, t.state.fingerprint, err)
}

func (w *watcher) noteWriter(name string, t *tracked, now time.Time) {
	if t.heldSince.IsZero() {
		t.heldSince = now
	}
	if !t.heldLogged && now.Sub(t.heldSince) >= slowWriterTime {
		t.heldLogged = true
		w.Logger.Warn("a plugin's file is not loaded as long as it is open for writing", "file", name)
	}
}

// reportDir reports why the directory can't be used, when that has changed.
func (w *watcher) reportDir(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != w.dirErr {
		w.dirErr = text
		w.Receiver.Directory(err)
	}
}
