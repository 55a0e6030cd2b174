package loader

import (
	"errors"
	"fmt"
	"time"
)

// conclude takes in what came of an attempt.
func (k *keeper) conclude(a *attempt) {
	defer k.markAttempted() // the last of all: Ready waits for it
	defer a.release()
	switch {
	case a.void:
		if a.copied != nil && a.kind == readFile {
			k.tried = a.copied.hash
		}
	case a.calledOff: // the next step sees to what is due instead
	case errors.Is(a.err, errChanged):
		k.later = time.Now().Add(writerTime) // unless the watcher has something new before
	case a.err != nil:
		k.fail(a, a.err)
	case a.generation == nil:
		k.same(a)
	default:
		if err := k.swap(a); err != nil {
			k.fail(a, err)
		}
	}
}

func (k *keeper) markAttempted() {
	k.mu.Lock()
	k.attempted = true
	k.mu.Unlock()
	k.loader.watcher.look()
}

// same notes that the file holds what was loaded, or failed to, before.
func (k *keeper) same(a *attempt) {
	k.handled, k.tried = a.seen, a.copied.hash
	if k.serving != nil && k.loaded.hash == a.copied.hash {
		k.update(func(info *Plugin) { info.LastError = "" }) // a bad file was put right
	}
}

// swap puts an attempt's generation into service in place of the one before. If
// it can't, nothing has changed.
func (k *keeper) swap(a *attempt) error {
	g := a.generation
	if err := k.loader.config.Tasks.Replace(k.file, k.tasks(g)...); err != nil {
		return fmt.Errorf("plugin %s: %w", k.name, err)
	}
	a.generation = nil
	before := k.serving
	k.serving = g
	k.replace = false
	k.current.Store(g)
	k.watch(g)
	if before != nil {
		k.loader.retire(before)
	}
	if a.kind == restart {
		k.restarted(before != nil)
	} else {
		k.fresh(a)
	}
	return nil
}

// fresh notes that other contents serve now.
func (k *keeper) fresh(a *attempt) {
	kind := EventLoaded
	if k.loaded != nil {
		kind = EventReloaded
	}
	k.loaded.drop()
	k.loaded = a.copied.hold()
	k.handled, k.tried = a.seen, a.copied.hash
	k.idle, k.crashes, k.stalls = false, crashes{}, crashes{}
	names := make([]string, 0, len(k.serving.index))
	for _, info := range k.serving.process.Tasks() {
		names = append(names, k.taskName(info))
	}
	k.update(func(info *Plugin) {
		info.State, info.SHA256, info.Tasks = StateServing, k.loaded.hash, names
		info.LastError, info.LoadedAt = "", time.Now()
	})
	k.loader.emit(kind, k.name, fmt.Sprintf("%s, SHA-256 %.12s…, with %d tasks", k.file, k.loaded.hash, len(names)))
	k.answer(nil)
	k.noteProtections()
}

func (k *keeper) restarted(wasStuck bool) {
	k.update(func(info *Plugin) {
		info.State = StateServing
		info.Restarts++
	})
	message := "a new process serves"
	if wasStuck {
		message += "; the one before had a call that did not end, and is killed when its other calls are done"
	}
	k.loader.emit(EventRestarted, k.name, message)
}

// fail notes why an attempt failed. What serves goes on serving.
func (k *keeper) fail(a *attempt, err error) {
	if a.kind == restart {
		k.failRestart(err)
		return
	}
	k.handled = a.seen
	if a.copied != nil {
		k.tried = a.copied.hash
	}
	k.update(func(info *Plugin) {
		info.LastError = err.Error()
		if k.loaded == nil {
			info.State = StateFailed
		}
	})
	message := err.Error()
	if k.loaded != nil {
		message += "; what was loaded before stays"
	} else {
		k.idle = false // there is nothing that an operator could have unloaded any more
	}
	k.loader.emit(EventLoadFailed, k.name, message)
	k.answer(err)
}

// answer tells the operators who wait for the file to be loaded how that went.
func (k *keeper) answer(err error) {
	for _, done := range k.forced {
		done <- err
	}
	k.forced = nil
}

// noteProtections says in the log what the plugins' processes go without, each once.
func (k *keeper) noteProtections() {
	l := k.loader
	for _, note := range k.serving.process.Notes() {
		l.mu.Lock()
		known := l.noted[note]
		l.noted[note] = true
		l.mu.Unlock()
		if !known {
			l.config.Logger.Warn("plugins lack a protection", "missing", note, "first_plugin", k.name)
		}
	}
}
