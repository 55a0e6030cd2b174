package nats

import (
	"context"
	"slices"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// resumeLook is how often it is looked whether the own server keeps its copy.
	resumeLook = time.Second
	// resumeAfter is how long it may take to stop, and resumeMost how long it is left
	// alone when it stops again and again.
	resumeAfter = 3 * time.Second
	resumeMost  = time.Minute
)

// A keeper sees that the engine's own server keeps a copy of what the nodes share. It
// stops to before the disk is full, or when it could not write, and begins anew once
// there is room: what it has missed it gets from the others, through whom this node goes
// on meanwhile.
type keeper struct {
	*Engine

	stopped, begun time.Time     // zero: it has not
	wait           time.Duration // until it may begin
	missing        bool          // of what the others have
	dropped, hangs bool
}

// keepCopy goes on until the engine is closed.
func (e *Engine) keepCopy() {
	k := keeper{Engine: e, wait: resumeAfter}
	for {
		select {
		case <-e.closing:
			return
		case <-e.log.broken: // the server may be stopping, which takes seconds
			e.stepDown()
		case <-time.After(resumeLook):
		}
		switch {
		case !e.server.JetStreamEnabled():
			k.lacks()
		case e.log.broke.Load() || e.config.Cluster.spent():
			k.drop()
		default:
			k.keeps()
		}
	}
}

func (k *keeper) keeps() {
	if k.missing && k.isCurrent() {
		k.missing = false
		k.config.Logger.Info("this node's copy of the data is whole again")
	}
	if !k.begun.IsZero() && time.Since(k.begun) > resumeMost {
		k.begun, k.wait = time.Time{}, resumeAfter
	}
}

// drop has the own server stop to keep copies. By itself it stops only when it is told
// that there is no space. What it writes a while after it took it, it loses when there
// is none, and sees then only that something is wrong with its copy: it would stay a
// member that has nothing of a stream.
func (k *keeper) drop() {
	if k.dropped {
		return
	}
	k.dropped = true
	k.stepDown()
	k.marker.Go(func() { _ = k.server.ShutdownJetStream() }) // it always succeeds
}

// stepDown has others lead what the own server leads.
func (e *Engine) stepDown() {
	for _, stream := range e.sharedStreams() {
		_ = e.server.JetStreamStepdownStream(server.DEFAULT_GLOBAL_ACCOUNT, stream.Name) // it may be stopped
	}
}

// lacks begins anew when it is time.
func (k *keeper) lacks() {
	switch {
	case k.stopped.IsZero():
		k.stopped = time.Now()
		k.config.Logger.Error("this node can't write its copy of the data, and goes on without one: see that its disk has room", "dir", k.config.Dir)
	case k.server.JetStreamConfig() != nil: // it is still stopping
		if !k.hangs && time.Since(k.stopped) > resumeMost {
			k.hangs = true
			k.config.Logger.Error("what keeps this node's copy of the data hangs, which may hold up the other nodes: make room on its disk, and end and start this node", "dir", k.config.Dir)
		}
	case time.Since(k.stopped) < k.wait || !k.config.Cluster.room():
	default:
		k.resume()
	}
}

func (k *keeper) resume() {
	k.log.broke.Store(false)
	err := k.server.EnableJetStream(&server.JetStreamConfig{StoreDir: k.config.Dir, MaxStore: mostStored})
	if err != nil {
		_ = k.server.ShutdownJetStream() // what has begun of it
		k.config.Logger.Error("this node's copy of the data can't be read; it is tried again", "dir", k.config.Dir, "error", err)
	} else {
		k.config.Logger.Info("this node has a copy of the data again, and gets from the others what is missing")
		k.begun, k.missing = time.Now(), true
	}
	k.stopped, k.dropped, k.hangs = time.Time{}, false, false
	k.wait = min(2*k.wait, resumeMost)
}

// isCurrent tells whether the own server's copies have all that the leaders' have.
func (e *Engine) isCurrent() bool {
	ctx, cancel := context.WithTimeout(context.Background(), resumeLook)
	defer cancel()
	status, err := e.Status(ctx)
	if err != nil {
		return false
	}
	for _, s := range status.Streams {
		if !slices.ContainsFunc(s.Copies, func(c Copy) bool { return c.Server == status.Server && c.Current && !c.Offline }) {
			return false
		}
	}
	return true
}
