package loader

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
)

// loadedFile takes in that what the file holds now serves.
func (s *supervisor) loadedFile(staged *stage.Copy) {
	result := LoadResult{Action: Loaded, SHA256: staged.SHA256}
	kind := EventLoaded
	if s.loaded != nil {
		kind = EventReloaded
		result.Action, result.Before = Reloaded, s.loaded.SHA256
		if result.Before == result.SHA256 {
			result.Action = Restarted
		}
	}
	s.loaded.Drop()
	s.loaded = staged.Hold()
	s.crashes, s.stalls = crashLog{}, backoff{}
	s.blame.Forget()
	s.move(loaded, "")
	s.report.emit(kind, s.name,
		fmt.Sprintf("%s, SHA-256 %.12s…, with %d tasks", s.file, s.loaded.SHA256, len(s.serving.names)))
	s.answer(answer{result: result})
	s.report.protections(s.name, s.serving.child.Notes())
}

// versionsWith returns the versions that were loaded before and the one that is
// loaded now, in memory of its own: others read what they were given.
func (s *supervisor) versionsWith(before []Version, now time.Time) []Version {
	if n := len(before); n > 0 && before[n-1].SHA256 == s.loaded.SHA256 {
		return before // it was started anew
	}
	v := Version{SHA256: s.loaded.SHA256, Version: s.serving.child.Describe().Version, LoadedAt: now}
	if info, err := os.Stat(s.loaded.Path); err == nil {
		v.Bytes = info.Size()
	}
	return append(slices.Clone(before[max(len(before)-maxVersions+1, 0):]), v)
}

// failToLoad takes in that the file could not be loaded. What serves goes on serving.
func (s *supervisor) failToLoad(err error) {
	s.unread = false
	message := err.Error()
	s.move(loadFailed, message)
	if s.loaded != nil {
		message += "; what was loaded before stays"
	}
	s.report.emit(EventLoadFailed, s.name, message)
	s.answer(answer{err: err})
}

// restarted takes in that a new process of what is loaded serves.
func (s *supervisor) restarted() {
	if s.state == StateServing {
		s.move(replaced, "")
		s.report.emit(EventRestarted, s.name, "a new process serves; the one before had a call that did not end, "+
			"and is killed when its other calls are done")
		return
	}
	s.move(restarted, "")
	s.report.emit(EventRestarted, s.name, "a new process serves")
}

// failToRestart takes in that contents which were loaded before could not be
// started again: after a crash that is the next crash, otherwise the stuck
// process goes on for a while.
func (s *supervisor) failToRestart(err error) {
	if s.state != StateServing {
		s.crash(err.Error())
		return
	}
	_, pause := s.stalls.add(time.Now())
	s.startAt = time.Now().Add(pause)
	s.move(replaceFail, err.Error())
	s.report.emit(EventLoadFailed, s.name, err.Error()+"; a process with a stuck call stays in service")
}
