package tasktest

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A memory is a listener whose connections are in this process's memory alone.
type memory struct {
	arrivals chan net.Conn
	closed   chan struct{}
	close    func()
}

func newMemory() *memory {
	m := &memory{arrivals: make(chan net.Conn), closed: make(chan struct{})}
	m.close = sync.OnceFunc(func() { close(m.closed) })
	return m
}

// Accept implements [net.Listener].
func (m *memory) Accept() (net.Conn, error) {
	select {
	case conn := <-m.arrivals:
		return conn, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (m *memory) Close() error {
	m.close()
	return nil
}

// Addr implements [net.Listener].
func (m *memory) Addr() net.Addr { return here{} }

func (m *memory) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := pipe()
	select {
	case m.arrivals <- theirs:
		return ours, nil
	case <-m.closed:
		return nil, &net.OpError{Op: "dial", Net: here{}.Network(), Addr: here{}, Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// here is the address of both ends.
type here struct{}

// Network implements [net.Addr].
func (here) Network() string { return "memory" }

// String implements [net.Addr].
func (here) String() string { return "in-memory" }

// conn is an end of a connection. Unlike one of [net.Pipe] it has buffers, which
// HTTP/2 counts on: both ends write before they read.
type conn struct{ in, out *half }

func pipe() (a, b net.Conn) {
	there, back := newHalf(), newHalf()
	return &conn{back, there}, &conn{there, back}
}

func (c *conn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *conn) LocalAddr() net.Addr         { return here{} }
func (c *conn) RemoteAddr() net.Addr        { return here{} }

// Close closes both halves: what was written may still be read at the other end.
func (c *conn) Close() error {
	c.in.end(net.ErrClosed)
	c.out.end(io.EOF)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error  { return c.in.reading.set(c.in, t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.out.writing.set(c.out, t) }

func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// most is how many bytes a half holds.
const most = 64 << 10

// A half is one direction of a connection.
type half struct {
	mu               sync.Mutex
	changed          sync.Cond
	bytes            []byte
	ended            bool
	readEnd          error // what a reader gets at the end
	reading, writing deadline
}

func newHalf() *half {
	h := new(half)
	h.changed.L = &h.mu
	return h
}

func (h *half) read(p []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.ended && h.readEnd != io.EOF: //nolint:errorlint // set below
			return 0, h.readEnd
		case h.reading.over:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case len(h.bytes) > 0:
			n = copy(p, h.bytes)
			h.bytes = h.bytes[:copy(h.bytes, h.bytes[n:])]
			h.changed.Broadcast()
			return n, nil
		case h.ended:
			return 0, io.EOF
		}
		h.changed.Wait()
	}
}

func (h *half) write(p []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.ended:
			return n, io.ErrClosedPipe
		case h.writing.over:
			return n, os.ErrDeadlineExceeded
		case n == len(p):
			return n, nil
		case len(h.bytes) < most:
			taken := min(len(p)-n, most-len(h.bytes))
			h.bytes = append(h.bytes, p[n:n+taken]...)
			n += taken
			h.changed.Broadcast()
			continue
		}
		h.changed.Wait()
	}
}

// end ends the half; readers get err, which stays the first that isn't EOF.
func (h *half) end(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended || err != io.EOF { //nolint:errorlint // given as it is
		h.ended, h.readEnd = true, err
	}
	h.reading.stop()
	h.writing.stop()
	h.changed.Broadcast()
}

// A deadline is that of the reads or the writes of a half, whose lock guards it.
type deadline struct {
	over  bool
	timer *time.Timer
}

func (d *deadline) set(of *half, at time.Time) error {
	of.mu.Lock()
	defer of.mu.Unlock()
	d.stop()
	if d.over = false; of.ended {
		return io.ErrClosedPipe
	}
	switch wait := time.Until(at); {
	case at.IsZero():
	case wait <= 0:
		d.over = true
	default:
		var timer *time.Timer
		timer = time.AfterFunc(wait, func() {
			of.mu.Lock()
			defer of.mu.Unlock()
			if d.timer == timer { // no other was set meanwhile
				d.over = true
				of.changed.Broadcast()
			}
		})
		d.timer = timer
	}
	of.changed.Broadcast()
	return nil
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
