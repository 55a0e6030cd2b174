//go:build unix

package load

import (
	"errors"
	"io"
	"syscall"
)

// readNow reads what has come, without waiting: n is 0 if nothing has.
func readNow(socket syscall.RawConn, b []byte) (n int, err error) {
	failed := socket.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), b)
		return true
	})
	switch {
	case failed != nil:
		return 0, failed
	case errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR):
		return 0, nil
	case err == nil && n == 0:
		return 0, io.ErrUnexpectedEOF
	default:
		return max(n, 0), err
	}
}
