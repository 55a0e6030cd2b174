package tasktest

import (
	"net"
	"testing"

	"golang.org/x/net/nettest"
)

func TestConnectionsInMemory(t *testing.T) {
	nettest.TestConn(t, func() (a, b net.Conn, stop func(), err error) {
		m := newMemory()
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, _ := m.Accept()
			accepted <- conn
		}()
		if a, err = m.dial(t.Context()); err != nil {
			return nil, nil, nil, err
		}
		b = <-accepted
		return a, b, func() { _, _, _ = a.Close(), b.Close(), m.Close() }, nil
	})
}
