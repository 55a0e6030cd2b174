package cluster_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A line is a node's connection to the NATS server, which can be cut, and which can
// swallow what is said on it.
type line struct {
	to       string
	listener net.Listener
	all      sync.WaitGroup

	mu    sync.Mutex
	cond  sync.Cond
	cut   bool
	mute  bool
	over  bool
	conns map[net.Conn]struct{}
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{to: to, listener: listener, conns: make(map[net.Conn]struct{})}
	l.cond.L = &l.mu
	l.all.Go(l.accept)
	t.Cleanup(func() {
		l.set(func() { l.cut, l.mute, l.over = true, false, true })
		_ = listener.Close()
		l.all.Wait()
	})
	return l
}

func (l *line) addr() string { return l.listener.Addr().String() }

// set changes how the line is.
func (l *line) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	if l.cut {
		for conn := range l.conns {
			_ = conn.Close()
		}
		clear(l.conns)
	}
	l.cond.Broadcast()
}

// Cut ends the connection, and refuses others.
func (l *line) Cut() { l.set(func() { l.cut = true }) }

// Swallow lets nothing through any more, and says nothing of it.
func (l *line) Swallow() { l.set(func() { l.mute = true }) }

// Heal makes it a line again.
func (l *line) Heal() { l.set(func() { l.cut, l.mute = false, false }) }

func (l *line) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", l.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		l.set(func() { l.conns[near], l.conns[far] = struct{}{}, struct{}{} })
		l.all.Go(func() { l.copy(near, far) })
		l.all.Go(func() { l.copy(far, near) })
	}
}

func (l *line) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		l.mu.Lock()
		for l.mute && !l.over {
			l.cond.Wait()
		}
		cut := l.cut
		l.mu.Unlock()
		if cut {
			return
		}
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			if err != io.EOF { //nolint:errorlint // a connection returns it itself
				return
			}
			return
		}
	}
}
