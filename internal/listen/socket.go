package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

const socketMode = 0o600

// openSocket opens a socket that only this user can connect to.
func openSocket(setting, path string) (net.Listener, error) {
	if err := removeStale(setting, path); err != nil {
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
		return nil, fmt.Errorf("can't listen on the socket %s (%w): choose a file in a directory that exists as %s", path, err, setting)
	}
	if err := os.Chmod(path, socketMode); err != nil { // where restrict can't
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// removeStale removes the socket that a server left which did not get to do it
// itself.
func removeStale(setting, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("can't listen on the socket %s (%w): choose another as %s", path, err, setting)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("can't listen on the socket %s: a file is in its place: remove it, or choose another as %s", path, setting)
	}
	conn, err := new(net.Dialer).DialContext(context.Background(), "unix", path)
	if err == nil {
		_ = conn.Close() // nothing was sent
		return fmt.Errorf("can't listen on the socket %s: it is in use: stop the program that has it, or choose another as %s", path, setting)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("can't replace the socket %s (%w): choose another as %s", path, err, setting)
	}
	return nil
}
