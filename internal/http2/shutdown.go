package http2

import (
	"context"
	"maps"
	"net"
	"slices"
	"time"

	"golang.org/x/net/http2"
)

// The payloads of our pings, which tell them from each other.
var (
	alivePing  = [8]byte{'a', 'l', 'i', 'v', 'e', '?'}
	goAwayPing = [8]byte{'g', 'o', 'a', 'w', 'a', 'y'}
)

// goAway asks all clients to leave.
func (s *Server) goAway() {
	for _, c := range s.all() {
		c.goAway()
	}
}

func (s *Server) all() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

// Shutdown takes no more connections, asks clients to leave and waits until
// their requests have been answered and every connection is closed, or until
// ctx ends: the streams that are left are cut off then, and ctx's error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	s.goAway()
	for {
		s.mu.Lock()
		left, changed := len(s.conns), s.changed
		s.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			s.cut()
			return ctx.Err()
		}
	}
}

// EndBodies makes handlers that wait for the rest of a request's body fail with
// err, rather than have a client that sends half of one hold up a shutdown.
func (s *Server) EndBodies(err error) {
	for _, c := range s.all() {
		c.mu.Lock()
		streams := slices.Collect(maps.Values(c.streams))
		c.mu.Unlock()
		for _, st := range streams {
			st.body.fail(err)
		}
	}
}

// Close closes all connections at once. It doesn't wait for handlers, whose
// contexts end.
func (s *Server) Close() error {
	s.stop()
	s.cut()
	return nil
}

// stop refuses new connections, and those that have not said anything.
func (s *Server) stop() {
	s.mu.Lock()
	s.closing = true
	fresh := make([]net.Conn, 0, len(s.fresh))
	for nc := range s.fresh {
		fresh = append(fresh, nc)
	}
	clear(s.fresh)
	s.mu.Unlock()
	for _, nc := range fresh {
		_ = nc.Close()
	}
}

func (s *Server) cut() {
	for _, c := range s.all() {
		_ = c.net.Close()
	}
}

// goAway asks the client to open no more streams. As some may be on their way,
// the last word is only said when it has answered, or after a moment.
func (c *conn) goAway() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goingAway != serving || c.dead != nil {
		return
	}
	c.goingAway, c.askedAt = asked, time.Now()
	_ = c.frames.WriteGoAway(1<<31-1, http2.ErrCodeNo, nil)
	_ = c.frames.WritePing(false, goAwayPing)
	c.kick()
	if c.timer != nil {
		c.timer.Reset(goAwayTimeout)
	}
}

// lastCall says which streams are still served. The connection ends with them.
func (c *conn) lastCall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goingAway >= lastCall || c.dead != nil {
		return
	}
	c.goingAway = lastCall
	_ = c.frames.WriteGoAway(c.lastOpened, http2.ErrCodeNo, nil)
	c.kick()
	c.maybeHangUp()
}

// maybeHangUp closes the connection if nothing is left to be done on it. c.mu
// is held.
func (c *conn) maybeHangUp() {
	if c.goingAway != lastCall || len(c.streams) > 0 || c.dead != nil {
		return
	}
	c.goingAway = hangUp
	if !c.flushing && c.out.len() == 0 {
		c.closeWrite()
	}
}
