package http2

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// Listener returns a listener for an http.Server: it serves the connections of
// l that begin with HTTP/2's preface itself and passes the others on. A
// connection that says nothing keeps nobody waiting; it is closed after
// ReadHeaderTimeout.
func (s *Server) Listener(l net.Listener) net.Listener {
	return &listener{Listener: l, server: s, accepted: make(chan accepted), closed: make(chan struct{})}
}

// A listener sniffs at what l accepts.
type listener struct {
	net.Listener

	server   *Server
	once     sync.Once
	accepted chan accepted
	close    sync.Once
	closed   chan struct{}
}

type accepted struct {
	conn net.Conn
	err  error
}

// Accept returns the next connection that doesn't speak HTTP/2.
func (l *listener) Accept() (net.Conn, error) {
	l.once.Do(func() { go l.accept() })
	select {
	case a := <-l.accepted:
		return a.conn, a.err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close stops accepting. Connections that were accepted are not touched.
func (l *listener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

func (l *listener) accept() {
	ctx := l.server.baseContext(l.Listener)
	for {
		conn, err := l.Listener.Accept()
		if err == nil {
			go l.sniff(ctx, conn)
			continue
		}
		if !l.pass(nil, err) {
			return
		}
		// net/http tries again after such an error, so we do, too.
		if temporary, ok := errors.AsType[interface {
			error
			Temporary() bool
		}](err); !ok || !temporary.Temporary() {
			return
		}
	}
}

func (l *listener) pass(conn net.Conn, err error) bool {
	select {
	case l.accepted <- accepted{conn, err}:
		return true
	case <-l.closed:
		return false
	}
}

// sniff finds out what conn speaks.
func (l *listener) sniff(ctx context.Context, conn net.Conn) {
	s := l.server
	if !s.greetNew(conn) {
		_ = conn.Close()
		return
	}
	begin := make([]byte, 0, smallSource)
	_ = conn.SetReadDeadline(time.Now().Add(s.limits().readHeaderTimeout)) // an error shows in Read
	for {
		n, err := conn.Read(begin[len(begin):cap(begin)])
		begin = begin[:len(begin)+n]
		known := min(len(begin), len(http2.ClientPreface))
		preface := http2.ClientPreface[:known]
		switch {
		case n == 0 && err != nil:
			s.know(conn)
			_ = conn.Close()
			return
		case string(begin[:known]) != preface:
			_ = conn.SetReadDeadline(time.Time{})
			if !s.know(conn) || !l.pass(&sniffedConn{Conn: conn, begin: begin}, nil) {
				_ = conn.Close()
			}
			return
		case known == len(http2.ClientPreface):
			_ = conn.SetReadDeadline(time.Time{})
			s.know(conn)
			s.serveConn(ctx, conn, begin)
			return
		}
	}
}

// greetNew counts a connection among those that have said nothing yet.
func (s *Server) greetNew(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.fresh[conn] = struct{}{}
	return true
}

// know is greetNew's counterpart. It tells whether the server is still open.
func (s *Server) know(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.fresh, conn)
	return !s.closing
}

// A sniffedConn is a connection from which begin was read already.
type sniffedConn struct {
	net.Conn

	begin []byte
}

// Read returns begin before the rest.
func (c *sniffedConn) Read(p []byte) (int, error) {
	if len(c.begin) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.begin)
	if c.begin = c.begin[n:]; len(c.begin) == 0 {
		c.begin = nil
	}
	return n, nil
}

// NetConn returns the connection itself.
func (c *sniffedConn) NetConn() net.Conn { return c.Conn }

// CloseWrite tells the peer that nothing will follow.
func (c *sniffedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
