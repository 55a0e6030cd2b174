package http2

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// An outBuffer gathers what is to be written. Its methods may be called with
// nil, which is empty.
type outBuffer struct{ bytes []byte }

const outBufferSize = maxUnsent + maxFrameSize

var outBuffers = sync.Pool{New: func() any { return &outBuffer{make([]byte, 0, outBufferSize)} }}

func (b *outBuffer) len() int {
	if b == nil {
		return 0
	}
	return len(b.bytes)
}

// free gives b back, unless it has grown.
func (b *outBuffer) free() {
	if b != nil && cap(b.bytes) <= 2*outBufferSize {
		b.bytes = b.bytes[:0]
		outBuffers.Put(b)
	}
}

// An outWriter adds what a framer writes to what is to be written.
type outWriter struct{ conn *conn }

// Write never fails. conn.mu is held.
func (w outWriter) Write(p []byte) (int, error) {
	c := w.conn
	if done := c.dead != nil || c.writeErr != nil || c.writeClosed; !done {
		if c.out == nil {
			c.out = outBuffers.Get().(*outBuffer) //nolint:forcetypeassert // the pool holds nothing else
		}
		c.out.bytes = append(c.out.bytes, p...)
	}
	return len(p), nil
}

// full tells whether handlers must wait before they add more. c.mu is held.
func (c *conn) full() bool { return c.out.len() >= maxUnsent }

// kick sees to it that what has gathered is written. c.mu is held.
func (c *conn) kick() {
	if c.becomeFlusher() {
		go c.flush()
	}
}

// becomeFlusher tells whether the caller has to call flush, for nobody else
// will. c.mu is held.
func (c *conn) becomeFlusher() bool {
	if c.flushing || c.out.len() == 0 {
		return false
	}
	c.flushing = true
	return true
}

// flush writes until nothing is left. It lets the others go first that are about to
// add something: one system call serves them all.
func (c *conn) flush() {
	var written *outBuffer
	for {
		runtime.Gosched()
		c.mu.Lock()
		written.free()
		if c.out.len() == 0 {
			c.flushing = false
			if c.sentLarge && len(c.streams) == 0 {
				c.frames, c.sentLarge = http2.NewFramer(outWriter{c}, nil), false
			}
			if c.goingAway == hangUp {
				c.closeWrite()
			}
			c.flushed.Broadcast()
			c.mu.Unlock()
			return
		}
		written, c.out = c.out, nil
		// Setting the deadline costs as much as a small write, so not every time.
		if now := time.Now(); c.dead == nil && c.stall.Sub(now) < c.limits.writeByteTimeout/2 {
			c.stall = now.Add(c.limits.writeByteTimeout)
			_ = c.net.SetWriteDeadline(c.stall) // fails when closed, and so will the write
		}
		c.flushed.Broadcast()
		c.wakeBlocked()
		c.mu.Unlock()
		if _, err := c.net.Write(written.bytes); err != nil {
			c.writeFailed(err)
		}
	}
}

// writeFailed ends the connection for its reader too.
func (c *conn) writeFailed(err error) {
	c.mu.Lock()
	c.writeErr = err
	c.out.free()
	c.out = nil
	c.mu.Unlock()
	_ = c.net.Close()
}

// closeWrite tells the peer that nothing will follow, and gives it a moment to
// hang up itself. c.mu is held.
func (c *conn) closeWrite() {
	c.writeClosed = true
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = c.net.SetReadDeadline(time.Now().Add(lingerTimeout))
}
