package http2

import (
	"context"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what an [http.Server] has no setting for. The zero value of each
// is its default.
type Options struct {
	// MaxConnectionAge is after how long a connection is asked to end, give or
	// take a tenth, so that balancers can balance: new requests go elsewhere,
	// those that run may end. Zero: never.
	MaxConnectionAge time.Duration
	// MaxConnectionAgeGrace is how long they may take for that before they are
	// cut off. Zero: as long as they like.
	MaxConnectionAgeGrace time.Duration
	// MinBodyRate is how many bytes of a request's body per second earn it more
	// time than [http.Server.ReadTimeout]. Zero: none do.
	MinBodyRate int
	// StallTimeout is how long a response may wait for a peer that lets nothing
	// through before its stream is reset; five minutes by default. The
	// connection's own limit is WriteByteTimeout of [http.HTTP2Config].
	StallTimeout time.Duration
	// Shortcut, if not nil, answers what it can in place of the server's Handler.
	Shortcut Shortcut
}

// A Server serves connections that speak HTTP/2. Its methods may be called
// concurrently.
type Server struct {
	http   *http.Server
	limits func() *limits

	open atomic.Int32 // len(conns)

	mu      sync.Mutex
	conns   map[*conn]struct{}
	fresh   map[net.Conn]struct{} // that have not shown what they speak
	closing bool
	changed chan struct{} // closed and renewed when a connection has gone
}

// New returns a server for connections of hs, which must not be serving yet.
// It goes by hs's Handler, BaseContext, ConnContext, ErrorLog, MaxHeaderBytes,
// timeouts and HTTP2 (ReadTimeout bounds a request's body, WriteTimeout a
// response, as in net/http's HTTP/2), takes the TLS connections that negotiate
// h2, and asks all clients to leave when hs.Shutdown is called.
func New(hs *http.Server, options Options) *Server {
	s := &Server{
		http:    hs,
		limits:  sync.OnceValue(func() *limits { return newLimits(hs, options) }),
		conns:   make(map[*conn]struct{}),
		fresh:   make(map[net.Conn]struct{}),
		changed: make(chan struct{}),
	}
	if hs.TLSNextProto == nil {
		hs.TLSNextProto = make(map[string]func(*http.Server, *tls.Conn, http.Handler))
	}
	hs.TLSNextProto["h2"] = s.serveTLS
	hs.RegisterOnShutdown(s.goAway)
	return s
}

// serveTLS is called by net/http after the handshake.
func (s *Server) serveTLS(_ *http.Server, tc *tls.Conn, handler http.Handler) {
	ctx := context.Background()
	if base, ok := handler.(interface{ BaseContext() context.Context }); ok {
		ctx = base.BaseContext() // with the keys of net/http, and what ConnContext added
	}
	if s.http.ConnState != nil {
		s.http.ConnState(tc, http.StateHijacked) // net/http won't tell that the connection isn't its own any more
	}
	state := tc.ConnectionState()
	c := newConn(ctx, s, tc, handler)
	c.tls = &state
	c.serve(nil)
}

// ServeConn serves a plain connection until it ends, from the client's preface
// on.
func (s *Server) ServeConn(nc net.Conn) {
	s.serveConn(s.baseContext(nil), nc, nil)
}

// serveConn serves a plain connection of which begin was read.
func (s *Server) serveConn(ctx context.Context, nc net.Conn, begin []byte) {
	ctx = context.WithValue(ctx, http.LocalAddrContextKey, nc.LocalAddr())
	if s.http.ConnContext != nil {
		ctx = s.http.ConnContext(ctx, nc)
	}
	newConn(ctx, s, nc, plainHandler{s.http}).serve(begin)
}

func (s *Server) baseContext(l net.Listener) context.Context {
	ctx := context.Background()
	if s.http.BaseContext != nil && l != nil {
		ctx = s.http.BaseContext(l)
	}
	return context.WithValue(ctx, http.ServerContextKey, s.http)
}

// plainHandler is what net/http does around a handler.
type plainHandler struct{ http *http.Server }

// ServeHTTP passes the request on.
func (h plainHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := h.http.Handler
	if handler == nil {
		handler = http.DefaultServeMux
	}
	if r.RequestURI == "*" && r.Method == http.MethodOptions && !h.http.DisableGeneralOptionsHandler {
		w.Header().Set("Content-Length", "0")
		return
	}
	handler.ServeHTTP(w, r)
}

func (s *Server) logf(format string, args ...any) {
	if s.http.ErrorLog != nil {
		s.http.ErrorLog.Printf(format, args...)
	} else {
		log.Printf(format, args...)
	}
}

// track counts c in, unless the server is closing.
func (s *Server) track(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.conns[c] = struct{}{}
	s.open.Store(int32(len(s.conns)))
	return true
}

// forget is track's counterpart: c is closed and its handlers have returned.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.open.Store(int32(len(s.conns)))
	s.change()
}

// change wakes the callers of Shutdown to look again. s.mu is held.
func (s *Server) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}
