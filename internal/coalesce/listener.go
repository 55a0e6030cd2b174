package coalesce

import (
	"net"
	"sync"
)

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
