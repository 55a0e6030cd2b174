// Package listen opens what servers listen on: ports, and Unix sockets that
// only their owner can reach. Its errors name the setting to change.
package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// UnixPrefix makes the rest of an address the path of a Unix socket.
const UnixPrefix = "unix:"

// keepAlive notices peers that are gone without a word, within some two
// minutes, on connections where HTTP/2's own pings don't.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 15 * time.Second, Count: 6}

// Open opens an address: host:port, or the path of a Unix socket after
// [UnixPrefix]. A setting such as "Config.Addr" says it.
func Open(setting, addr string) (net.Listener, error) {
	if path, isUnix := strings.CutPrefix(addr, UnixPrefix); isUnix {
		return openSocket(setting, path)
	}
	return openPort(setting, addr)
}

func openPort(setting, addr string) (net.Listener, error) {
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	listener, err := config.Listen(context.Background(), "tcp", addr)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("can't listen on %s: the port is in use: stop the program that has it, or choose another as %s", addr, setting)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("can't listen on %s: this needs privileges: choose a port above 1023 as %s", addr, setting)
	default:
		if opErr, ok := errors.AsType[*net.OpError](err); ok {
			err = opErr.Err // the address stands in the message already
		}
		return nil, fmt.Errorf("can't listen on %s (%w): choose an address of this machine as %s", addr, err, setting)
	}
}
