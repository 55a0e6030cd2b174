package loader

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
)

// A generation is one process of a plugin, with the count of the calls that are
// in it. It is retired when another one has taken over: it answers the calls
// that it has, then its process is ended.
type generation struct {
	process *process.Process
	index   map[string]int // of the process's tasks, by their full names
	copied  *staged        // what it runs; held

	// users counts the calls, and one for being in service. At 0 it stays there.
	users   atomic.Int64
	drained chan struct{} // closed at 0
	stuck   atomic.Bool   // a call in it goes on though it should have ended long ago
}

// enter admits a call; it tells false when the generation has ended.
func (g *generation) enter() bool {
	for {
		users := g.users.Load()
		if users == 0 {
			return false
		}
		if g.users.CompareAndSwap(users, users+1) {
			return true
		}
	}
}

func (g *generation) leave() {
	if g.users.Add(-1) == 0 {
		close(g.drained)
	}
}

// retire takes g out of service, for which another one is there or none is to
// be, and sees it off: its calls may take Config.DrainTimeout to end.
func (l *Loader) retire(g *generation) {
	g.leave()
	l.retiring.Go(func() {
		l.drain(g)
		<-g.process.Exited()
		g.copied.drop()
	})
}

func (l *Loader) drain(g *generation) {
	limit := time.NewTimer(l.config.DrainTimeout)
	defer limit.Stop()
	select {
	case <-g.drained:
	case <-g.process.Exited():
	case <-limit.C:
		l.config.Logger.Warn("calls of a plugin's former process took too long to end and are killed with it",
			"pid", g.process.PID(), "timeout", l.config.DrainTimeout)
		g.process.Kill()
	case <-l.closing:
		g.process.Kill()
	}
	if g.stuck.Load() { // it would not heed a request to end
		g.process.Kill()
		return
	}
	g.process.Close(context.Background()) // until the library has shut down, or its grace is over
}
