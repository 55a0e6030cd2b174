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

// keepCopy sees that the engine's own server keeps a copy of what the nodes share. It
// stops to before the disk is full, or when it could not write, and begins anew once
// there is room: what it has missed it gets from the others, through whom this node goes
// on meanwhile.
func (e *Engine) keepCopy() {
	var stopped, begun time.Time
	wait, missing := resumeAfter, false
	for {
		select {
		case <-e.closing:
			return
		case <-e.log.broken: // the server may be stopping, which takes seconds
			e.stepDown()
		case <-time.After(resumeLook):
		}
		if e.server.JetStreamEnabled() && (e.log.broke.Load() || e.config.Cluster.spent()) {
			e.dropCopy()
		}
		keeps := e.server.JetStreamEnabled()
		if keeps && missing && e.isCurrent() {
			missing = false
			e.config.Logger.Info("this node's copy of the data is whole again")
		}
		switch {
		case keeps && !begun.IsZero() && time.Since(begun) > resumeMost:
			begun, wait = time.Time{}, resumeAfter
		case keeps:
		case stopped.IsZero():
			stopped = time.Now()
			e.config.Logger.Error("this node can't write its copy of the data, and goes on without one: see that its disk has room", "dir", e.config.Dir)
		case e.server.JetStreamConfig() != nil: // it is still stopping
		case time.Since(stopped) < wait || !e.config.Cluster.room():
		default:
			e.log.broke.Store(false)
			err := e.server.EnableJetStream(&server.JetStreamConfig{StoreDir: e.config.Dir, MaxStore: mostStored})
			if err != nil {
				_ = e.server.ShutdownJetStream() // what has begun of it
				e.config.Logger.Error("this node's copy of the data can't be read; it is tried again", "dir", e.config.Dir, "error", err)
			} else {
				e.config.Logger.Info("this node has a copy of the data again, and gets from the others what is missing")
				begun, missing = time.Now(), true
			}
			stopped, wait = time.Time{}, min(2*wait, resumeMost)
		}
	}
}

// dropCopy has the own server stop to keep copies. By itself it stops only when it is
// told that there is no space. What it writes a while after it took it, it loses when
// there is none, and sees then only that something is wrong with its copy: it would stay
// a member that has nothing of a stream.
func (e *Engine) dropCopy() {
	e.stepDown()
	_ = e.server.ShutdownJetStream() // it always succeeds
}

// stepDown has others lead what the own server leads.
func (e *Engine) stepDown() {
	for _, stream := range e.sharedStreams() {
		_ = e.server.JetStreamStepdownStream(server.DEFAULT_GLOBAL_ACCOUNT, stream.Name) // it may be stopped
	}
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
