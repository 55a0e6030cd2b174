package loader

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/blame"
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
	hung    atomic.Bool   // its process did not answer, and was killed

	mu   sync.Mutex
	lost []blame.Call // that were in it when it died; whole once drained is closed
}

func newInstance(plugin string, child childProcess, staged *stage.Copy) *instance {
	i := &instance{child: child, staged: staged.Hold(), tasks: make(map[string]int), drained: make(chan struct{})}
	i.users.Store(1)
	for at, info := range child.Describe().Tasks {
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

// lose notes a call that got no answer because the process died. It has not left yet.
func (i *instance) lose(call blame.Call) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lost = append(i.lost, call)
}

const (
	// A process that answers neither of two pings in this time is killed.
	pingTimeout = 3 * time.Second
	pingPause   = time.Second
)

// watchHealth kills the process when it doesn't answer, until it has exited, or
// one of several has. It
// is the process that is asked, not the library in it, which may be busy.
func (i *instance) watchHealth() {
	timer := time.NewTimer(pingPause)
	defer timer.Stop()
	missed := 0
	for {
		select {
		case <-timer.C:
		case <-i.child.Broken():
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
		err := i.child.Health(ctx)
		switch {
		case err == nil:
			missed = 0
		case ctx.Err() != nil:
			missed++
		}
		cancel()
		if missed == 2 { // one may be a machine that slept
			i.hung.Store(true)
			i.child.Kill(fmt.Errorf("it did not answer for %s", 2*pingTimeout))
			return
		}
		timer.Reset(pingPause)
	}
}
