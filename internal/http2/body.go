package http2

import (
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// A body is what has come in of a request's.
type body struct {
	mu             sync.Mutex
	arrived        sync.Cond
	head, tail     *chunk
	window         int64 // what the peer may still send
	unsent         int64 // bytes taken that it was not told of yet
	declared       int64 // by Content-Length; -1: not
	received       int64
	ended          bool
	closed         bool  // by the handler
	err            error // why there won't be more
	trailer        http.Header
	expectContinue bool // the client waits for our word
	timer          *time.Timer
	began          time.Time // of a deadline that earns time by pace
}

// add takes a frame's data in. It returns how many bytes nobody will read.
func (b *body) add(data []byte, length int, end bool) (unread int, code http2.ErrCode) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if int64(length) > b.window {
		return length, http2.ErrCodeFlowControl
	}
	b.window -= int64(length)
	b.received += int64(len(data))
	if b.declared >= 0 && (b.received > b.declared || end && b.received != b.declared) {
		return length, http2.ErrCodeProtocol
	}
	unread = length - len(data)
	b.unsent += int64(unread) // padding: with the next update
	if b.closed || b.err != nil {
		unread = length
	} else {
		b.store(data)
	}
	b.ended = b.ended || end
	b.arrived.Signal()
	return unread, http2.ErrCodeNo
}

func (b *body) store(data []byte) {
	for len(data) > 0 {
		if b.tail == nil || b.tail.room() == 0 {
			b.grow(len(data))
		}
		n := min(b.tail.room(), len(data))
		b.tail.data = append(b.tail.data, data[:n]...)
		data = data[n:]
	}
}

// grow makes room for n bytes. A body is held in one piece as long as that is
// no larger than a frame may be.
func (b *body) grow(n int) {
	if b.head == b.tail && b.tail != nil && b.tail.read == 0 && len(b.tail.data)+n <= maxFrameSize {
		larger := newChunk(len(b.tail.data) + n)
		larger.data = append(larger.data, b.tail.data...)
		b.tail.free()
		b.head, b.tail = larger, larger
		return
	}
	added := newChunk(n)
	if b.tail == nil {
		b.head = added
	} else {
		b.tail.next = added
	}
	b.tail = added
}

// take copies what there is to p. b.mu is held.
func (b *body) take(p []byte) (n int) {
	for n < len(p) && b.head != nil {
		c := b.head
		m := copy(p[n:], c.data[c.read:])
		n, c.read = n+m, c.read+m
		if c.read == len(c.data) {
			b.drop()
		}
	}
	return n
}

// drop frees the first chunk. b.mu is held.
func (b *body) drop() {
	c := b.head
	if b.head = c.next; b.head == nil {
		b.tail = nil
	}
	c.free()
}

// finish notes that the peer has sent all, with these trailers. It tells
// whether that is what it had declared.
func (b *body) finish(trailer http.Header) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended, b.trailer = true, trailer
	b.arrived.Signal()
	return b.declared < 0 || b.received == b.declared
}

// fail makes reads end with err once what has arrived is read.
func (b *body) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil && !b.ended {
		b.err = err
	}
	b.arrived.Broadcast()
}

// discard frees what nobody has read and returns how much that was. Reads end
// with err from now on.
func (b *body) discard(err error) (unread int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
	}
	b.closed = true
	if b.err == nil {
		b.err = err
	}
	for b.head != nil {
		unread += len(b.head.data) - b.head.read
		b.drop()
	}
	b.arrived.Broadcast()
	return unread
}

// A requestBody is a stream as its request's body.
type requestBody stream

// Read waits for at least a byte of the body.
func (r *requestBody) Read(p []byte) (int, error) {
	st, b := (*stream)(r), &r.body
	if b.expectContinue {
		b.expectContinue = false
		st.sendContinue()
	}
	b.mu.Lock()
	for b.head == nil && !b.ended && b.err == nil {
		b.arrived.Wait()
	}
	n := b.take(p)
	if n == 0 && len(p) > 0 {
		err := b.err
		if err == nil {
			err = io.EOF
			st.giveTrailer()
		}
		b.mu.Unlock()
		return 0, err
	}
	var more int64
	if !b.ended {
		b.unsent += int64(n)
		if b.unsent >= st.conn.limits.streamWindow/4 {
			more, b.unsent = b.unsent, 0
			b.window += more
		}
	}
	b.mu.Unlock()
	st.conn.taken(n)
	st.allow(more)
	return n, nil
}

// Bytes returns the whole body, if it is small and was there before the handler
// started; nil if not, or when some of it was read. It is valid until the
// handler returns, and can still be read as well.
func (r *requestBody) Bytes() []byte {
	b := &r.body
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended || b.err != nil || b.head == nil || b.head != b.tail || b.head.read > 0 {
		return nil
	}
	return b.head.data
}

// Close makes the peer's window whole for what nobody will read.
func (r *requestBody) Close() error {
	r.conn.taken(r.body.discard(http.ErrBodyReadAfterClose))
	return nil
}

// giveTrailer hands the handler the trailers that the request has announced.
// body.mu is held.
func (st *stream) giveTrailer() {
	for name := range st.request.Trailer {
		if values, ok := st.body.trailer[name]; ok {
			st.request.Trailer[name] = values
		}
	}
	st.body.trailer = nil
}

// allow lets the peer send more of the body.
func (st *stream) allow(more int64) {
	if more == 0 || st.remoteEnded.Load() {
		return
	}
	c := st.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if !st.closed {
		_ = c.frames.WriteWindowUpdate(st.id, uint32(more))
		c.kick()
	}
}

// processData takes in a part of a body: data, which takes length with its
// padding.
func (c *conn) processData(id uint32, data []byte, length int, end bool) error {
	if c.pending != nil && id != c.pending.id {
		c.startPending()
	}
	if id > c.lastSeen {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if err := c.receive(int64(length)); err != nil {
		return err
	}
	st, reset := c.pending, false
	if st == nil {
		c.mu.Lock()
		st = c.streams[id]
		reset = st == nil && c.ownResets.has(id)
		c.mu.Unlock()
	}
	if st == nil || st.remoteEnded.Load() {
		c.taken(length)
		if reset {
			return c.idleFrame(1)
		}
		return http2.StreamError{StreamID: id, Code: http2.ErrCodeStreamClosed}
	}
	unread, code := st.body.add(data, length, end)
	c.taken(unread)
	switch {
	case code != http2.ErrCodeNo:
		return http2.StreamError{StreamID: st.id, Code: code}
	case end:
		st.remoteEnded.Store(true)
		c.startPending()
	case len(data) == 0:
		return c.idleFrame(1)
	}
	return nil
}
