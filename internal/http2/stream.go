package http2

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/lifetime"
)

// The errors that handlers see when a stream ended before they did. Connect and others
// read the text of an http2.StreamError, which is what a reset gives.
var (
	errDisconnected = errors.New("client disconnected")
	errStreamClosed = errors.New("http2: stream closed")
)

// A stream is a request and its response. It is also what the handler sees of
// them: its request's context and body, its http.ResponseWriter. As contexts
// are kept by others, streams are not used again.
type stream struct {
	conn        *conn
	id          uint32
	request     *http.Request // nil until it is needed if there is a shortcut
	again       *http.Request // what request is to be made of then
	route       *Route        // nil: there is no shortcut
	url         url.URL
	remoteEnded atomic.Bool // the peer has sent everything
	queued      bool        // as many handlers ran as may when it began
	context     lifetime.Lifetime
	body        body

	response *response // nil once the handler has returned

	// Guarded by conn.mu.
	sendWindow int64
	closed     bool // nothing is to be sent any more, for closeErr
	closeErr   error
	sendable   *sync.Cond // nil until the handler first waits
	writeTimer *time.Timer
}

// close takes the stream off the connection's table. conn.mu is held.
func (st *stream) close(err error) {
	if st.closed {
		return
	}
	c := st.conn
	st.closed, st.closeErr = true, err
	delete(c.streams, st.id)
	c.recentlyClosed.add(st.id)
	st.wake()
	if len(c.streams) == 0 {
		c.idleSince = time.Now()
		c.maybeHangUp()
	}
}

// abort tells the handler that the peer has gone. No lock is held.
func (st *stream) abort(err error) {
	st.body.fail(err)
	(*requestContext)(st).cancel()
}

// reset ends a stream, open or not, with the peer being told.
func (c *conn) reset(id uint32, code http2.ErrCode) {
	err := http2.StreamError{StreamID: id, Code: code}
	c.mu.Lock()
	st := c.streams[id]
	c.sendReset(id, code)
	if st != nil {
		st.close(err)
	}
	c.mu.Unlock()
	if st != nil {
		st.abort(err)
		c.dropPending(st)
	}
}

// sendReset remembers that what the peer still sends isn't its fault. c.mu is
// held.
func (c *conn) sendReset(id uint32, code http2.ErrCode) {
	_ = c.frames.WriteRSTStream(id, code)
	c.ownResets.add(id)
	c.kick()
}

// fail resets the stream from our side, for instance when a deadline is over.
func (st *stream) fail(code http2.ErrCode, err error) {
	c := st.conn
	c.mu.Lock()
	open := !st.closed
	if open {
		c.sendReset(st.id, code)
		st.close(err)
	}
	c.mu.Unlock()
	if open {
		st.abort(err)
	}
}

// recentIDs are the streams that something last happened to.
type recentIDs struct {
	ids  [128]uint32
	next int
}

func (r *recentIDs) add(id uint32) {
	r.ids[r.next] = id
	r.next = (r.next + 1) % len(r.ids)
}

func (r *recentIDs) has(id uint32) bool {
	return slices.Contains(r.ids[:], id)
}
