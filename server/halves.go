package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// errHungUp is for a handler that waits for the rest of a request.
var errHungUp = errors.New("the server has hung up")

// answerTime is how long a client has, at a shutdown, before a connection on
// which it has not sent all of a request ends.
const answerTime = 500 * time.Millisecond

// halves are the HTTP/1 connections that may have half a request, for which
// [http.Server.Shutdown] would wait: those that have said nothing, and those that
// began to. Which of the latter are complete nobody tells, so they get a moment
// to be answered.
type halves struct {
	mu    sync.Mutex
	conns map[net.Conn]http.ConnState
}

// note is a server's ConnState.
func (h *halves) note(conn net.Conn, state http.ConnState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if state != http.StateNew && state != http.StateActive {
		delete(h.conns, conn)
		return
	}
	if h.conns == nil {
		h.conns = make(map[net.Conn]http.ConnState)
	}
	h.conns[conn] = state
}

// end ends them: those that have said nothing at once, the others after a
// moment, unless ctx ends before. A handler that doesn't read is not disturbed
// in what it writes.
func (h *halves) end(ctx context.Context) {
	h.mu.Lock()
	for conn, state := range h.conns {
		if state == http.StateNew {
			_ = conn.Close() // the client has gone
		}
	}
	h.mu.Unlock()
	moment := time.NewTimer(answerTime)
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-ctx.Done():
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for conn := range h.conns {
		_ = conn.SetReadDeadline(time.Now()) // an error means that it has ended
	}
}
