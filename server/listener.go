package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// keepAlive notices peers that are gone without a word, within some two
// minutes, on connections where HTTP/2's own pings don't.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 15 * time.Second, Count: 6}

// listen opens the port at addr, which the field of Config of that name says.
func listen(field, addr string) (net.Listener, error) {
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	listener, err := config.Listen(context.Background(), "tcp", addr)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("can't listen on %s: the port is in use: stop the program that has it, or choose another as Config.%s", addr, field)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("can't listen on %s: this needs privileges: choose a port above 1023 as Config.%s", addr, field)
	default:
		if opErr, ok := errors.AsType[*net.OpError](err); ok {
			err = opErr.Err // the address stands in the message already
		}
		return nil, fmt.Errorf("can't listen on %s (%w): choose an address of this machine as Config.%s", addr, err, field)
	}
}

// nodeID returns the name of a server that listens on addr: the address, or
// host name and port when it is unspecified.
func nodeID(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	host, err := os.Hostname()
	if err != nil {
		return addr.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// A coalescingListener makes a [coalescingConn] of each connection.
type coalescingListener struct {
	net.Listener
	lingering sync.WaitGroup
}

// Accept waits for the next connection.
func (l *coalescingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newCoalescingConn(conn, &l.lingering), nil
}
