package loader

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// slowWriterTime is when somebody who holds a file open is reported.
const slowWriterTime = 10 * time.Second

// scan looks at all files, tells plugins about those that came to rest, and
// returns when to look again at the latest. seeing: changes cause events.
func (w *watcher) scan(seeing bool) time.Duration {
	now := time.Now()
	files, linked, err := w.list()
	if err != nil { // which says nothing about the files
		w.reportDir(fmt.Sprintf("the library directory can't be read: %v", err))
		files = nil
	} else {
		w.reportDir(w.checkDir())
		for file := range w.sightings { // what is gone is looked at too
			if _, ok := files[file]; !ok {
				files[file] = footprint{}
			}
		}
	}
	next := rescanTime
	if linked || !seeing {
		next = blindRescanTime
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		next = min(next, w.visit(file, files[file], now))
	}
	w.scanned = true
	w.checkReady()
	return next
}

// list returns the files that are meant to be plugins, and whether symbolic links
// are among them. A directory that does not exist has none.
func (w *watcher) list() (files map[string]footprint, linked bool, err error) {
	files = make(map[string]footprint)
	entries, err := os.ReadDir(w.dir)
	missing := errors.Is(err, fs.ErrNotExist)
	w.reportMissing(missing)
	if missing {
		return files, false, nil
	}
	for _, entry := range entries {
		file := entry.Name()
		if !isPluginFile(file) {
			continue
		}
		linked = linked || entry.Type()&fs.ModeSymlink != 0
		info, err := os.Stat(filepath.Join(w.dir, file)) // follows links
		switch s := w.sightings[file]; {
		case err == nil:
			files[file] = footprintOf(info)
		case errors.Is(err, fs.ErrNotExist): // gone, or a link to nowhere
		case s != nil: // not known to have changed
			files[file] = s.seen
		default:
			name, _ := pluginName(file)
			w.loader.refuse(file, name, err.Error())
		}
	}
	return files, linked, err
}

func (w *watcher) checkDir() string {
	if !w.loader.config.DirCheck {
		return ""
	}
	info, err := os.Stat(w.dir)
	if err == nil {
		err = checkWriters(w.dir, info)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return "no plugin is loaded: " + err.Error()
}

// visit follows one file, and returns when it should be looked at again.
func (w *watcher) visit(file string, seen footprint, now time.Time) time.Duration {
	s := w.sightings[file]
	if s == nil {
		s = &sighting{seen: seen, since: now}
		w.sightings[file] = s
		if !w.scanned {
			w.initial[file] = s
			if seen.rests(now) { // nothing has happened to it lately
				s.since = now.Add(-settleTime)
			}
		}
	}
	if seen != s.seen {
		*s = sighting{seen: seen, since: now}
		delete(w.initial, file) // somebody is at work on it
	}
	switch wait := settleTime - now.Sub(s.since); {
	case s.settled:
		return rescanTime
	case wait > 0:
		return wait
	case seen.present() && beingWritten(filepath.Join(w.dir, file)):
		w.noteWriter(file, s, now)
		return writerTime
	}
	w.settle(file, s)
	return rescanTime
}

// settle tells the plugin of a file what the file has come to be, or refuses it.
func (w *watcher) settle(file string, s *sighting) {
	name, err := pluginName(file)
	if !s.seen.present() {
		delete(w.sightings, file)
		w.loader.deliver(file, name, s.seen)
		return
	}
	if err != nil {
		w.loader.refuse(file, name, err.Error())
		s.blocked = true
		return
	}
	if w.dirReason != "" { // reported once, not for each file
		w.loader.hold(file, w.dirReason)
		s.blocked = true
		return
	}
	if other := w.loader.holder(name); other != "" && other != file {
		if w.sightings[other] == nil || w.sightings[other].seen.present() {
			w.loader.refuse(file, name, fmt.Sprintf("%s is refused: %s is the plugin %q already", file, other, name))
			s.blocked = true
		}
		return // the other one is about to go
	}
	s.settled, s.blocked = true, false
	w.loader.deliver(file, name, s.seen)
}

func (w *watcher) noteWriter(file string, s *sighting, now time.Time) {
	delete(w.initial, file)
	if s.held.IsZero() {
		s.held = now
	}
	if !s.heldReported && now.Sub(s.held) >= slowWriterTime {
		s.heldReported = true
		w.loader.config.Logger.Warn("a plugin's file is not loaded as long as it is open for writing", "file", file)
	}
}

// checkReady closes Ready when the files of the first scan have had their turn.
func (w *watcher) checkReady() {
	if w.initial == nil {
		return
	}
	for file, s := range w.initial {
		if s.blocked || s.settled && w.loader.attempted(file) {
			delete(w.initial, file)
		}
	}
	if len(w.initial) == 0 {
		w.initial = nil
		close(w.loader.ready)
	}
}

// reportDir notes why no plugin can be loaded; it says so when the reason is a new one.
func (w *watcher) reportDir(reason string) {
	if reason != w.dirReason && reason != "" {
		w.loader.emit(EventLoadFailed, "", reason)
	}
	w.dirReason = reason
}

func (w *watcher) reportMissing(missing bool) {
	if missing && !w.missing {
		w.loader.config.Logger.Info("the library directory is not there: waiting for it", "dir", w.dir)
	}
	w.missing = missing
}
