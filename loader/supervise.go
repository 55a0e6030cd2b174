package loader

import (
	"fmt"
	"time"
)

const (
	shortestPause = 100 * time.Millisecond
	longestPause  = 30 * time.Second
	// A process that dies more than maxCrashes times in crashWindow is quarantined.
	maxCrashes  = 5
	crashWindow = time.Minute
)

// crashes counts what happened lately, and how long to pause because of it.
type crashes struct {
	times []time.Time // those of the last crashWindow, oldest first
	pause time.Duration
}

// add notes a crash. It returns how many there were lately and how long to wait
// before the next start: twice as long each time, until none was for a while.
func (c *crashes) add(now time.Time) (recent int, pause time.Duration) {
	for len(c.times) > 0 && now.Sub(c.times[0]) >= crashWindow {
		c.times = c.times[1:]
	}
	if len(c.times) == 0 {
		c.pause = 0
	}
	c.times = append(c.times, now)
	c.pause = min(max(2*c.pause, shortestPause), longestPause)
	return len(c.times), c.pause
}

// watch sees to it that calls and the keeper learn of g's end.
func (k *keeper) watch(g *generation) {
	p := k.plugin
	p.loader.retiring.Go(func() {
		<-g.process.Exited()
		p.current.CompareAndSwap(g, nil)
		p.post(func(in *inbox) { in.died = append(in.died, g) })
	})
}

// bury takes in that what served has died.
func (k *keeper) bury(g *generation) {
	k.serving, k.replace = nil, false
	k.loader.retire(g)
	reason := "the process ended without being asked to"
	if err := g.process.ExitError(); err != nil {
		reason = err.Error()
	}
	k.loader.emit(EventCrashed, k.name, reason)
	k.crashed(reason)
}

// crashed decides whether loaded is started again, and when.
func (k *keeper) crashed(reason string) {
	recent, pause := k.crashes.add(time.Now())
	if recent <= maxCrashes {
		k.update(func(info *Plugin) { info.State, info.LastError = StateRestarting, reason })
		k.due = time.Now().Add(pause)
		return
	}
	k.idle = true
	reason = fmt.Sprintf("its process died %d times within %s, the last time because: %s", recent, crashWindow, reason)
	k.update(func(info *Plugin) { info.State, info.LastError = StateQuarantined, reason })
	k.loader.emit(EventQuarantined, k.name, reason+"; it is left alone until its file changes or it is reloaded")
}

// stall takes in that a call in what serves does not end. The first time in a
// while it is replaced at once, then after pauses: each time leaves a process
// behind that is busy until its other calls have ended.
func (k *keeper) stall() {
	k.replace = true
	recent, pause := k.stalls.add(time.Now())
	if recent == 1 {
		pause = 0
	}
	k.update(func(info *Plugin) { info.LastError = "a call did not end when it should have; the process is replaced" })
	k.due = time.Now().Add(pause)
}

// failRestart notes that contents which were loaded before could not be started
// again: after a crash that is the next crash, otherwise the stuck process goes
// on for a while.
func (k *keeper) failRestart(err error) {
	if k.serving == nil {
		k.loader.emit(EventCrashed, k.name, err.Error())
		k.crashed(err.Error())
		return
	}
	k.update(func(info *Plugin) { info.LastError = err.Error() })
	k.loader.emit(EventLoadFailed, k.name, err.Error()+"; a process with a stuck call stays in service")
	_, pause := k.stalls.add(time.Now())
	k.due = time.Now().Add(pause)
}
