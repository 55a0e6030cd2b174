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

// answerTime is how long a client has, at a shutdown, to send the rest of a
// request and be answered.
const answerTime = 500 * time.Millisecond

// halves are the HTTP/1 connections that may have half a request, for which
// [http.Server.Shutdown] would wait: those that have said nothing, and those that
// began to.
type halves struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
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
		h.conns = make(map[net.Conn]struct{})
	}
	h.conns[conn] = struct{}{}
}

// endReads ends reading on them. A handler that doesn't read is not
// disturbed in what it writes.
func (h *halves) endReads() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for conn := range h.conns {
		_ = conn.SetReadDeadline(time.Now()) // an error means that it has ended
	}
}

// endHalves ends what waits for the rest of a request, after a moment in which
// one that was on its way comes in. Nothing is ended any more once ctx has.
func (e *endpoint) endHalves(ctx context.Context) {
	moment := time.NewTimer(answerTime)
	defer moment.Stop()
	select {
	case <-moment.C:
		e.halves.endReads()
		if e.http2 != nil {
			e.http2.EndBodies(errHungUp)
		}
	case <-ctx.Done():
	}
}
