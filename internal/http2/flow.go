package http2

import (
	"sync"

	"golang.org/x/net/http2"
)

const maxWindow = 1<<31 - 1

// processWindowUpdate lets us send more.
func (c *conn) processWindowUpdate(frame *http2.WindowUpdateFrame) error {
	if frame.StreamID > c.lastSeen {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	more := int64(frame.Increment)
	var err error
	if frame.StreamID == 0 {
		if c.sendWindow += more; c.sendWindow > maxWindow {
			err = http2.ConnectionError(http2.ErrCodeFlowControl)
		}
		c.wakeBlocked()
	} else if st := c.streams[frame.StreamID]; st != nil {
		if st.sendWindow += more; st.sendWindow > maxWindow {
			err = http2.StreamError{StreamID: st.id, Code: http2.ErrCodeFlowControl}
		}
		st.wake()
	}
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return c.idleFrame(1)
}

// changeWindows gives all streams a window of n, less what they have used.
// c.mu is held.
func (c *conn) changeWindows(n int64) error {
	delta := n - c.newWindow
	c.newWindow = n
	for _, st := range c.streams {
		if st.sendWindow += delta; st.sendWindow > maxWindow {
			return http2.ConnectionError(http2.ErrCodeFlowControl)
		}
		if delta > 0 {
			st.wake()
		}
	}
	return nil
}

// wakeBlocked lets the first of those who wait for the connection go on, if it
// can; it will call the next. c.mu is held.
func (c *conn) wakeBlocked() {
	if len(c.blocked) > 0 && c.sendWindow > 0 && !c.full() {
		c.blocked[0].wake()
	}
}

// wake lets the handler that waits to send look again. conn.mu is held.
func (st *stream) wake() {
	if st.sendable != nil {
		st.sendable.Signal()
	}
}

// reserve waits until some of n bytes may be sent, and takes them off the
// windows. conn.mu is held, except while waiting.
func (st *stream) reserve(n int) (int, error) {
	c := st.conn
	for {
		if st.closed {
			return 0, st.closeErr
		}
		if st.sendWindow > 0 && c.sendWindow > 0 && !c.full() {
			n = int(min(int64(min(n, maxFrameSize)), st.sendWindow, c.sendWindow))
			st.sendWindow -= int64(n)
			c.sendWindow -= int64(n)
			c.wakeBlocked()
			return n, nil
		}
		st.await()
	}
}

// await waits for a wake. conn.mu is held, except meanwhile.
func (st *stream) await() {
	c := st.conn
	if st.sendable == nil {
		st.sendable = &sync.Cond{L: &c.mu}
	}
	c.kick()
	forConn := st.sendWindow > 0
	if forConn {
		c.blocked = append(c.blocked, st)
	}
	stop := st.startStallTimer()
	st.sendable.Wait()
	stop()
	if forConn {
		c.unblock(st)
	}
}

// unblock takes st out of those who wait; the next may have been meant as well.
// c.mu is held.
func (c *conn) unblock(st *stream) {
	for i, waiting := range c.blocked {
		if waiting == st {
			c.blocked = append(c.blocked[:i], c.blocked[i+1:]...)
			break
		}
	}
	if st.closed || st.sendWindow <= 0 {
		c.wakeBlocked()
	}
}

// sendData sends p, and ends the stream if that is all. conn.mu is held, except
// while waiting.
func (st *stream) sendData(p []byte, end bool) error {
	c := st.conn
	for len(p) > 0 {
		n, err := st.reserve(len(p))
		if err != nil {
			return err
		}
		_ = c.frames.WriteData(st.id, end && n == len(p), p[:n])
		c.sentData++
		c.sentLarge = c.sentLarge || n > 2<<10
		if p = p[n:]; len(p) == 0 {
			return nil
		}
	}
	if end {
		_ = c.frames.WriteData(st.id, true, nil)
	}
	return nil
}

// taken notes n bytes of bodies that nobody needs to hold any more.
func (c *conn) taken(n int) {
	if n == 0 || c.recvUnsent.Add(int64(n)) < c.limits.connectionWindow/4 {
		return
	}
	if more := c.recvUnsent.Swap(0); more > 0 {
		c.recvReturned.Add(more)
		c.mu.Lock()
		_ = c.frames.WriteWindowUpdate(0, uint32(more))
		c.kick()
		c.mu.Unlock()
	}
}

// receive takes n bytes off what the peer may send.
func (c *conn) receive(n int64) error {
	if n > c.recvWindow {
		c.recvWindow += c.recvReturned.Swap(0)
	}
	if n > c.recvWindow {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	c.recvWindow -= n
	return nil
}
