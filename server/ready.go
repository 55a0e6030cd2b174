package server

import (
	"context"
	"crypto/rand"
)

// answerClients has clients answered once the plugins are loaded and the tasks
// that were kept go on, or when ctx ends: then they are told that the server
// drains.
func (s *Server) answerClients(ctx context.Context) (err error) {
	select {
	case <-s.plugins.Ready():
		if err = s.restore(ctx); err == nil {
			err = s.serveNodes()
		}
	case <-ctx.Done():
	}
	ready := err == nil && ctx.Err() == nil
	if ready {
		s.health.loaded()
	}
	s.clients.serve()
	if ready {
		close(s.ready)
	}
	return err
}

// Ready returns a channel that is closed once [Server.Serve] answers clients. It
// stays open if Serve is ended before.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Check goes a call's way but for the network, for a watchdog: it looks for a task
// that isn't there. It returns how many tasks wait, and how many run. It is stuck
// where calls would be; the error is that results can't be read.
func (s *Server) Check(ctx context.Context) (pending, running int, err error) {
	_, _, err = s.scheduler.Get(ctx, rand.Text())
	pending, running = s.scheduler.Counts()
	return pending, running, err
}
