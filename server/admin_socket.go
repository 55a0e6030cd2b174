package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

const socketMode = 0o600

// listenAdmin opens what --admin-addr names.
func listenAdmin(addr string) (net.Listener, error) {
	path, isUnix := strings.CutPrefix(addr, unixPrefix)
	if !isUnix {
		return listen("AdminAddr", addr)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: func(_, _ string, socket syscall.RawConn) error {
		return socket.Control(restrict)
	}}
	listener, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		if opErr, ok := errors.AsType[*net.OpError](err); ok {
			err = opErr.Err
		}
		return nil, fmt.Errorf("can't listen on the socket %s (%w): choose a file in a directory that exists with --admin-addr", path, err)
	}
	if err := os.Chmod(path, socketMode); err != nil { // where restrict can't
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// removeStale removes the socket that a server left which did not get to do it
// itself.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("can't listen on the socket %s (%w): choose another with --admin-addr", path, err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("can't listen on the socket %s: a file is in its place: remove it, or choose another with --admin-addr", path)
	}
	conn, err := new(net.Dialer).DialContext(context.Background(), "unix", path)
	if err == nil {
		_ = conn.Close() // nothing was sent
		return fmt.Errorf("can't listen on the socket %s: it is in use: stop the program that has it, or choose another with --admin-addr", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("can't replace the socket %s (%w): choose another with --admin-addr", path, err)
	}
	return nil
}
