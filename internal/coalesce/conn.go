package coalesce

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// connLimit is how many bytes a connection holds that the kernel has not
	// taken yet, give or take connPiece; a Write that finds no room waits.
	connLimit = 64 << 10
	// connPiece is how much a Write adds at a time.
	connPiece = 16 << 10
	// stallTimeout is how long a peer may take nothing before its connection
	// counts as dead.
	stallTimeout = 30 * time.Second
	// lingerTimeout bounds the writing that Close leaves behind.
	lingerTimeout = 5 * time.Second
)

// A Conn is a connection whose Writes go through a [Writer]. To the caller that
// is what a socket's buffer in the kernel is: Write returns before the bytes are
// on their way, waits (no longer than the write deadline) when the peer doesn't
// keep up, and what it has taken is sent even if Close follows at once. An error
// shows in later Writes, and ends the connection for its reader too.
type Conn struct {
	net.Conn
	writer    *Writer
	lingering *sync.WaitGroup // counts the connections whose sockets are not closed yet
	deadline  deadline        // for Writes that wait

	mu     sync.Mutex
	closed bool
	stall  time.Time // the socket's own write deadline
}

func newConn(conn net.Conn, lingering *sync.WaitGroup) *Conn {
	lingering.Add(1) // and not in Close, which may be while others Wait
	c := &Conn{Conn: conn, lingering: lingering, deadline: newDeadline()}
	c.writer = NewWriter((*socket)(c), connLimit)
	return c
}

// NetConn returns the connection underneath.
func (c *Conn) NetConn() net.Conn { return c.Conn }

// Read reads from the socket.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && c.isClosed() {
		err = net.ErrClosed // and not the deadline by which Close woke us
	}
	return n, err
}

// Write takes all of p, or what it could before an error.
func (c *Conn) Write(p []byte) (n int, err error) {
	for {
		passed := c.deadline.passed()
		select {
		case <-passed:
			return n, c.writeError(os.ErrDeadlineExceeded)
		default:
		}
		piece := p[n:min(n+connPiece, len(p))]
		if _, err := c.writer.Add(piece, func() <-chan struct{} { return passed }); err != nil {
			return n, c.writeError(err)
		}
		if n += len(piece); n == len(p) {
			return n, nil
		}
	}
}

// writeError returns what a Write that was refused with err is to return.
func (c *Conn) writeError(err error) error {
	switch {
	case c.isClosed():
		return net.ErrClosed
	case errors.Is(err, ErrCancelled):
		return os.ErrDeadlineExceeded
	default:
		return err
	}
}

func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// A socket is a Conn as its Writer sees it: with the methods of what is
// underneath.
type socket Conn

// Write writes to the socket, as long as the peer takes something now and then.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	// Setting the deadline costs as much as a small write, so not every time.
	if now := time.Now(); !s.closed && s.stall.Sub(now) < stallTimeout/2 {
		s.stall = now.Add(stallTimeout)
		_ = s.SetWriteDeadline(s.stall) // fails when closed, and so will the write
	}
	s.mu.Unlock()
	n, err := s.Conn.Write(p)
	if err != nil {
		_ = s.Close() // so that its reader notices too
	}
	return n, err
}

// A Listener makes a [Conn] of each connection of another listener.
type Listener struct {
	net.Listener
	lingering sync.WaitGroup
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newConn(conn, &l.lingering), nil
}

// Wait returns when the sockets of all connections are closed: Close returns
// before what was written is on its way.
func (l *Listener) Wait() { l.lingering.Wait() }
