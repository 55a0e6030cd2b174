package server

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// gatherLimit is how much a connection holds that the kernel has not taken
	// yet; a Write that finds no room waits.
	gatherLimit = 64 << 10
	// stallTimeout is how long a peer may take nothing before its connection
	// counts as dead.
	stallTimeout = 30 * time.Second
	// lingerTimeout bounds the writing that Close leaves behind.
	lingerTimeout = 5 * time.Second
)

type gatherBuffer [gatherLimit]byte

var gatherBuffers = sync.Pool{New: func() any { return new(gatherBuffer) }}

func newGatherBuffer() *gatherBuffer {
	return gatherBuffers.Get().(*gatherBuffer) //nolint:forcetypeassert // the pool holds nothing else
}

// A coalescingConn gathers small writes into large ones. net/http writes to
// the socket after every few frames of an HTTP/2 connection, and under load
// these system calls are what a call costs most. Here Write only puts the bytes
// in a buffer; a goroutine, which lives as long as there is something to write,
// lets the others that are ready go first and then writes what all have added.
//
// To the caller it is what a socket's buffer in the kernel is: Write returns
// before the bytes are on their way, waits (no longer than the write deadline)
// when the peer doesn't keep up, and what it has taken is sent even if Close
// follows at once. An error shows in later Writes, and ends the connection for
// its reader too.
type coalescingConn struct {
	net.Conn
	lingering *sync.WaitGroup // counts the connections whose sockets are not closed yet
	closed    atomic.Bool     // set under mu; Read looks at it without

	mu         sync.Mutex
	room       sync.Cond     // signalled when a waiting Write should look again
	buffer     *gatherBuffer // nil when nothing is to be written
	used       int           // bytes of buffer to be written
	flushing   bool          // the flusher runs
	lingers    bool          // the flusher is to close the socket
	halfClosed bool          // CloseWrite was called
	err        error         // what ended writing
	deadline   time.Time     // for Writes that wait
	stall      time.Time     // the socket's own write deadline
}

func newCoalescingConn(conn net.Conn, lingering *sync.WaitGroup) *coalescingConn {
	lingering.Add(1) // and not in Close, which may be while others Wait
	c := &coalescingConn{Conn: conn, lingering: lingering}
	c.room.L = &c.mu
	return c
}

// NetConn returns the socket.
func (c *coalescingConn) NetConn() net.Conn { return c.Conn }

// Read reads from the socket.
func (c *coalescingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && c.closed.Load() {
		err = net.ErrClosed // and not the deadline by which Close woke us
	}
	return n, err
}

// Write takes all of p, or what it could before an error.
func (c *coalescingConn) Write(p []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if err := c.waitForRoom(); err != nil {
			return n, err
		}
		if n == len(p) {
			return n, nil
		}
		if c.buffer == nil {
			c.buffer = newGatherBuffer()
		}
		taken := copy(c.buffer[c.used:], p[n:])
		n, c.used = n+taken, c.used+taken
		if !c.flushing {
			c.flushing = true
			go c.flush()
		}
		if n == len(p) {
			return n, nil
		}
	}
}

// waitForRoom returns when the buffer has room or nothing can be written any
// more. c.mu is held, except while waiting.
func (c *coalescingConn) waitForRoom() error {
	for {
		switch {
		case c.closed.Load(), c.halfClosed:
			return net.ErrClosed
		case c.err != nil:
			return c.err
		case !c.deadline.IsZero() && !time.Now().Before(c.deadline):
			return os.ErrDeadlineExceeded
		case c.used < gatherLimit:
			return nil
		}
		if c.deadline.IsZero() {
			c.room.Wait()
			continue
		}
		timer := time.AfterFunc(time.Until(c.deadline), func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.room.Broadcast()
		})
		c.room.Wait()
		timer.Stop()
	}
}

// flush writes until nothing is left or writing fails.
func (c *coalescingConn) flush() {
	spare := newGatherBuffer()
	for {
		runtime.Gosched() // whoever is about to write joins in
		full, used := c.take(spare)
		if used == 0 {
			break
		}
		if _, err := c.Conn.Write(full[:used]); err != nil {
			c.fail(err)
		}
		spare = full
	}
	gatherBuffers.Put(spare)
}

// take hands the flusher what has gathered, in exchange for an empty buffer.
// When there is nothing, the flusher must end.
func (c *coalescingConn) take(spare *gatherBuffer) (full *gatherBuffer, used int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used == 0 || c.err != nil {
		c.flushed()
		return nil, 0
	}
	full, used = c.buffer, c.used
	c.buffer, c.used = spare, 0
	c.room.Broadcast()
	// Setting the deadline costs as much as a small write, so not every time.
	if now := time.Now(); !c.closed.Load() && c.stall.Sub(now) < stallTimeout/2 {
		c.stall = now.Add(stallTimeout)
		_ = c.Conn.SetWriteDeadline(c.stall) // fails when closed, and so will the write
	}
	return full, used
}

// flushed leaves the connection as it is without a flusher, and does what
// waited for that. c.mu is held.
func (c *coalescingConn) flushed() {
	gatherBuffers.Put(c.buffer)
	c.buffer, c.used, c.flushing = nil, 0, false
	switch {
	case c.lingers:
		_ = c.Conn.Close() // the error is too late for anybody
		c.lingering.Done()
	case c.halfClosed && c.err == nil:
		_ = closeWrite(c.Conn)
	}
}

// fail ends the connection, so that its reader notices too.
func (c *coalescingConn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	c.room.Broadcast()
	if !c.lingers {
		_ = c.Conn.Close()
	}
}

// Close ends reads and writes at once. What was written before still goes out,
// within lingerTimeout; then the socket is closed.
func (c *coalescingConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Swap(true) {
		return net.ErrClosed
	}
	c.room.Broadcast()
	if !c.flushing || c.err != nil {
		defer c.lingering.Done()
		return c.Conn.Close()
	}
	c.lingers = true
	now := time.Now()
	return errors.Join(
		c.Conn.SetReadDeadline(now),
		c.Conn.SetWriteDeadline(now.Add(lingerTimeout)),
	)
}

// CloseWrite tells the peer that nothing comes after what was written.
func (c *coalescingConn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() || c.halfClosed {
		return net.ErrClosed
	}
	c.halfClosed = true
	c.room.Broadcast()
	if c.flushing {
		return nil
	}
	return closeWrite(c.Conn)
}

func closeWrite(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// SetDeadline bounds reads, and how long a Write waits for room.
func (c *coalescingConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline bounds reads.
func (c *coalescingConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() {
		return net.ErrClosed // or a reader that Close has woken might sleep again
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline bounds how long a Write waits for room. It does not touch
// what was written before.
func (c *coalescingConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() {
		return net.ErrClosed
	}
	c.deadline = t
	c.room.Broadcast()
	return nil
}
