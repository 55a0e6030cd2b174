package http2

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// initialWindow is what both sides begin with, by the standard.
const initialWindow = 65535

// A conn is a connection and what is open on it.
type conn struct {
	server  *Server
	limits  *limits
	net     net.Conn
	handler http.Handler
	ctx     context.Context      //nolint:containedctx // the requests' contexts inherit from it
	tls     *tls.ConnectionState // nil: plain text
	request http.Request         // what all requests have in common
	born    time.Time

	// The reader's own.
	in          source
	framer      *http2.Framer // reads
	headers     headerReader
	largest     uint32  // payload since framer was new: it keeps a buffer of that size
	lastSeen    uint32  // stream that the client opened
	pending     *stream // its handler starts when no more of its body is at hand
	sawSettings bool
	idleFrames  budget
	wasted      budget
	deadlineSet bool  // a read deadline for what must arrive is in force
	recvWindow  int64 // what the peer may still send; recvReturned is to be added

	work         chan *stream // to workers that wait
	idleWorkers  atomic.Int32
	recvReturned atomic.Int64 // bytes that the peer was allowed anew
	recvUnsent   atomic.Int64 // bytes taken by handlers that it was not told of yet
	lastRead     atomic.Int64 // nanoseconds since born

	mu             sync.Mutex
	streams        map[uint32]*stream
	running        int // handlers
	waitingRun     []*stream
	lastOpened     uint32 // stream whose request is or was served
	goingAway      phase
	askedAt        time.Time
	retire         time.Time // when the connection is too old
	cutOff         time.Time // when it is closed whatever runs
	idleSince      time.Time
	timer          *time.Timer
	pingSent       time.Duration // since born
	ownResets      recentIDs     // of which the peer may not know yet
	recentlyClosed recentIDs
	ended          bool
	answered       int
	sentData       int  // frames
	sentLarge      bool // so that frames has a large buffer

	out     *outBuffer // nil: nothing gathered
	frames  *http2.Framer
	encoder *hpack.Encoder
	block   bytes.Buffer // what encoder writes
	// tableChanges counts how often the encoder's table may have changed.
	tableChanges            uint
	answerHeaders, trailers repeated // by shortcut
	flushing                bool
	flushed                 sync.Cond // signalled when the flusher has written something
	dead                    error     // nothing is to be added any more
	writeErr                error     // nothing can be written any more
	writeClosed             bool      // by us
	stall                   time.Time // the socket's write deadline
	sendWindow              int64
	newWindow               int64     // of streams that begin
	blocked                 []*stream // that wait for sendWindow or room
}

// A phase of the end of a connection.
type phase int

const (
	serving  phase = iota
	asked          // the client was told to open no more streams
	lastCall       // what it opens from now on is not served
	hangUp         // all is said; the socket is to be closed once that is written
)

func newConn(ctx context.Context, s *Server, nc net.Conn, handler http.Handler) *conn {
	limits := s.limits()
	c := &conn{
		server: s, limits: limits, net: nc, handler: handler, ctx: ctx, born: time.Now(),
		idleFrames: newBudget(10_000, 2000),
		wasted:     newBudget(1000, 200),
		recvWindow: limits.connectionWindow,
		work:       make(chan *stream),
		streams:    make(map[uint32]*stream),
		sendWindow: initialWindow,
		newWindow:  initialWindow,
	}
	c.request = http.Request{Proto: "HTTP/2.0", ProtoMajor: 2, RemoteAddr: nc.RemoteAddr().String()}
	c.idleSince = c.born
	c.in.conn = c
	c.flushed.L = &c.mu
	c.newFramer()
	c.headers.init(limits)
	c.frames = http2.NewFramer(outWriter{c}, nil)
	c.encoder = hpack.NewEncoder(&c.block)
	return c
}

// newFramer replaces the framer, which keeps a buffer as large as the largest
// frame that it read.
func (c *conn) newFramer() {
	c.framer = http2.NewFramer(nil, &c.in)
	c.framer.SetReuseFrames()
	c.framer.SetMaxReadFrameSize(maxReadFrameSize)
	c.largest = 0
}

// serve serves the connection until it ends; begin was read from it already.
func (c *conn) serve(begin []byte) {
	if !c.server.track(c) {
		_ = c.net.Close()
		return
	}
	if cancelled := c.ctx.Done(); cancelled != nil {
		stop := context.AfterFunc(c.ctx, c.cancelStreams)
		defer stop()
	}
	c.in.buf = c.in.small[:copy(c.in.small[:], begin)]
	err := c.greet()
	if err == nil {
		c.watch()
		err = c.read()
	}
	c.end(err)
}

// greet sends our settings and takes the client's preface.
func (c *conn) greet() error {
	c.mu.Lock()
	_ = c.frames.WriteSettings(
		http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: uint32(c.limits.streams)},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(c.limits.streamWindow)},
		http2.Setting{ID: http2.SettingMaxFrameSize, Val: maxReadFrameSize},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: uint32(c.limits.headerList)},
		http2.Setting{ID: http2.SettingNoRFC7540Priorities, Val: 1},
	)
	if more := c.limits.connectionWindow - initialWindow; more > 0 {
		_ = c.frames.WriteWindowUpdate(0, uint32(more))
	}
	c.kick()
	c.mu.Unlock()
	if c.tls != nil && !secureEnough(c.tls) {
		return http2.ConnectionError(http2.ErrCodeInadequateSecurity)
	}
	return c.readPreface()
}

// end closes the connection, after err, which may be the client's doing.
func (c *conn) end(err error) {
	code, misbehaved := errors.AsType[http2.ConnectionError](err)
	c.mu.Lock()
	if misbehaved {
		reason := ""
		if detail := c.framer.ErrorDetail(); detail != nil {
			reason = detail.Error()
		}
		_ = c.frames.WriteGoAway(c.lastOpened, http2.ErrCode(code), []byte(reason))
	}
	c.dead = errDisconnected
	open := make([]*stream, 0, len(c.streams))
	for _, st := range c.streams {
		open = append(open, st)
		st.close(errDisconnected)
	}
	c.waitingRun = nil
	c.kick()
	_ = c.net.SetWriteDeadline(time.Now().Add(lingerTimeout))
	for c.flushing {
		c.flushed.Wait()
	}
	if c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	for _, st := range open {
		st.abort(errDisconnected)
	}
	if c.pending != nil {
		c.dropPending(c.pending)
	}
	if misbehaved {
		c.linger()
	}
	_ = c.net.Close()
	c.in.release()
	c.mu.Lock()
	c.ended = true
	close(c.work)
	last := c.running == 0
	c.mu.Unlock()
	if last {
		c.server.forget(c)
	}
}

// linger reads and forgets what still comes: closing a socket at once that has
// unread bytes would take from the peer what we wrote last.
func (c *conn) linger() {
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = c.net.SetReadDeadline(time.Now().Add(lingerTimeout))
	buffer := largeBuffers.Get().(*largeBuffer) //nolint:forcetypeassert // the pool holds nothing else
	defer largeBuffers.Put(buffer)
	for range 1000 { // a peer that never stops is not waited for
		if _, err := c.net.Read(buffer[:]); err != nil {
			return
		}
	}
}

// cancelStreams ends all requests' contexts.
func (c *conn) cancelStreams() {
	c.mu.Lock()
	open := make([]*stream, 0, len(c.streams))
	for _, st := range c.streams {
		open = append(open, st)
	}
	c.mu.Unlock()
	for _, st := range open {
		(*requestContext)(st).cancel()
	}
}

// secureEnough tells whether HTTP/2 may be spoken: before TLS 1.3 it asks for
// forward secrecy and authenticated encryption (RFC 9113, 9.2).
func secureEnough(state *tls.ConnectionState) bool {
	if state.Version != tls.VersionTLS12 {
		return state.Version > tls.VersionTLS12
	}
	switch state.CipherSuite {
	case tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256:
		return true
	}
	return false
}
