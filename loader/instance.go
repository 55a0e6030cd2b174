package loader

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
)

// An instance is a process of a plugin, with the count of the calls that are in
// it. It is retired when another one has taken over: it answers the calls that
// it has, then its process ends.
type instance struct {
	child  childProcess
	staged *stage.Copy    // what it runs; held
	tasks  map[string]int // indexes of the process's tasks, by their full names
	names  []string       // the same, in the file's order

	// users counts the calls, and one for being in service. At 0 it stays there.
	users   atomic.Int64
	drained chan struct{} // closed at 0
	stuck   atomic.Bool   // a call in it goes on though it should have ended long ago
}

func newInstance(plugin string, child childProcess, staged *stage.Copy) *instance {
	i := &instance{child: child, staged: staged.Hold(), tasks: make(map[string]int), drained: make(chan struct{})}
	i.users.Store(1)
	for at, info := range child.Tasks() {
		name := taskName(plugin, info)
		i.tasks[name] = at
		i.names = append(i.names, name)
	}
	return i
}

// enter admits a call; it tells false when the instance has ended.
func (i *instance) enter() bool {
	for {
		users := i.users.Load()
		if users == 0 {
			return false
		}
		if i.users.CompareAndSwap(users, users+1) {
			return true
		}
	}
}

func (i *instance) leave() {
	if i.users.Add(-1) == 0 {
		close(i.drained)
	}
}

// A drain sees instances off that are out of service.
type drain struct {
	config  *Config
	pending sync.WaitGroup // a goroutine for each instance, and whatever else a loader waits for
	closing chan struct{}  // closed when they are out of time
}

// retire takes an instance out of service, for which another one is there or
// none is to be. Its calls may take Config.DrainTimeout to end.
func (d *drain) retire(i *instance) {
	i.leave()
	d.pending.Go(func() {
		d.await(i)
		<-i.child.Exited()
		i.staged.Drop()
	})
}

func (d *drain) await(i *instance) {
	limit := time.NewTimer(d.config.DrainTimeout)
	defer limit.Stop()
	select {
	case <-i.drained:
	case <-i.child.Exited():
	case <-limit.C:
		d.config.Logger.Warn("calls of a plugin's former process took too long to end and are killed with it",
			"pid", i.child.PID(), "timeout", d.config.DrainTimeout)
		i.child.Kill()
	case <-d.closing:
		i.child.Kill()
	}
	if i.stuck.Load() { // it would not heed a request to end
		i.child.Kill()
		return
	}
	i.child.Close(context.Background()) // until the library has shut down, or its grace is over
}

// close waits until all instances are gone; after grace it kills their calls.
func (d *drain) close(grace time.Duration) {
	timer := time.AfterFunc(grace, func() { close(d.closing) })
	d.pending.Wait()
	timer.Stop()
}
