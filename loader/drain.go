package loader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

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
		i.child.Kill(fmt.Errorf("it was replaced or unloaded, and its calls did not end within %s", d.config.DrainTimeout))
	case <-d.closing:
		i.child.Kill(errors.New("the server is shutting down"))
	}
	if i.stuck.Load() { // it would not heed a request to end
		i.child.Kill(errors.New("it was replaced because of a call that did not end"))
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
