package loader

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A keeper decides what happens to a plugin. Its goroutine alone uses it.
type keeper struct {
	*plugin

	serving *generation // what current points to, also when it has just died
	loaded  *staged     // what serves, or is to be started again; held; nil when nothing is
	tried   string      // hash of the contents that were loaded, or failed to, last
	seen    footprint   // how the file has come to rest
	handled footprint   // the state of the file that tried is of
	idle    bool        // an operator unloaded it, or it is in quarantine
	later   time.Time   // when to try the file again that was not whole

	forced []chan<- error // operators who wait for the file to be loaded, whatever tried is

	attempt *attempt      // the one that is under way, or nil
	results chan *attempt // has room for one: where attempts go when they have ended

	crashes crashes
	stalls  crashes     // calls that did not end
	replace bool        // what serves has such a call
	due     time.Time   // when loaded may be started again
	timer   *time.Timer // for due and later
}

func newKeeper(p *plugin) *keeper {
	timer := time.NewTimer(0)
	timer.Stop()
	return &keeper{plugin: p, results: make(chan *attempt, 1), timer: timer}
}

// run keeps the plugin until its file is gone or the loader shuts down.
func (k *keeper) run() {
	defer k.timer.Stop()
	for {
		var ended *attempt
		select {
		case <-k.wake:
		case <-k.timer.C:
		case ended = <-k.results:
		}
		stop := k.readInbox() // first: it may call off the attempt that has ended
		if ended != nil {
			k.attempt = nil
			k.conclude(ended)
		}
		if stop {
			k.end()
			return
		}
		k.step()
		if k.leave() {
			return
		}
	}
}

// readInbox takes in what was left, and tells whether to stop.
func (k *keeper) readInbox() (stop bool) {
	k.mu.Lock()
	in := k.inbox
	k.inbox = inbox{seen: in.seen, stop: in.stop}
	k.mu.Unlock()
	k.seen = in.seen
	for _, g := range in.died {
		if g == k.serving {
			k.bury(g)
		}
	}
	for _, g := range in.stuck {
		if g == k.serving {
			k.stall()
		}
	}
	for _, c := range in.commands {
		k.obey(c)
	}
	if in.stop && k.attempt != nil {
		k.attempt.callOff()
	}
	return in.stop
}

// step begins what is due, if anything is.
func (k *keeper) step() {
	if a := k.attempt; a != nil {
		if a.seen != k.seen {
			a.callOff() // it comes back all the same
		}
		return
	}
	switch {
	case !k.seen.present():
		k.unload("its file is gone")
	case len(k.forced) > 0, k.seen != k.handled:
		k.beginAt(k.later, readFile)
	case k.idle || k.loaded == nil:
	case k.serving == nil || k.replace:
		k.beginAt(k.due, restart)
	}
}

// beginAt starts an attempt if it is time for it, and otherwise sees to it that
// step is called then.
func (k *keeper) beginAt(at time.Time, kind attemptKind) {
	if wait := time.Until(at); wait > 0 {
		k.timer.Reset(wait)
		return
	}
	k.begin(kind)
}

// leave ends the keeper when the file is gone and nothing is to be done any more.
func (k *keeper) leave() bool {
	if k.seen.present() || k.attempt != nil {
		return false
	}
	k.loader.mu.Lock()
	defer k.loader.mu.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.inbox.seen.present() || len(k.inbox.commands) > 0 {
		return false // there is a wake-up under way
	}
	delete(k.loader.plugins, k.file)
	k.loader.watcher.look() // another file may have waited for the name
	return true
}

// end unloads the plugin because the loader shuts down.
func (k *keeper) end() {
	if k.attempt != nil {
		(<-k.results).release()
	}
	k.answer(errStopped)
	k.drop()
}

// unload takes the plugin's tasks away because of a reason, if it has any.
func (k *keeper) unload(reason string) {
	had := k.loaded != nil
	k.answer(fmt.Errorf("plugin %s: %s", k.name, reason))
	k.drop()
	if had {
		k.loader.emit(EventUnloaded, k.name, k.file+": "+reason)
	}
}

// drop takes the plugin's tasks and its process away. Calls in flight go on.
func (k *keeper) drop() {
	_ = k.loader.config.Tasks.Replace(k.file) // to remove can't fail
	k.current.Store(nil)
	k.update(func(info *Plugin) {
		info.State, info.Tasks, info.SHA256, info.LoadedAt = StateUnloaded, nil, "", time.Time{}
	})
	if k.serving != nil {
		k.loader.retire(k.serving)
		k.serving = nil
	}
	k.loaded.drop()
	k.loaded, k.replace = nil, false
}

// errStopped answers operators when the loader shuts down.
var errStopped = errors.New("the server is shutting down")

// begin starts an attempt.
func (k *keeper) begin(kind attemptKind) {
	ctx, cancel := context.WithCancel(context.Background())
	a := &attempt{plugin: k.plugin, kind: kind, seen: k.seen, cancel: cancel}
	switch {
	case kind == restart:
		a.copied = k.loaded.hold()
	case len(k.forced) > 0: // whatever the contents
	case k.loaded != nil:
		a.known = []string{k.tried, k.loaded.hash}
	default:
		a.known = []string{k.tried}
	}
	k.attempt = a
	go func() {
		defer cancel()
		a.run(ctx)
		k.results <- a
	}()
}
