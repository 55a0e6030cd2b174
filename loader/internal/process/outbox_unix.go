//go:build unix

package process

import (
	"errors"
	"os"
	"syscall"
)

// A tryWriter writes to a pipe what it takes at once.
type tryWriter struct {
	conn  syscall.RawConn // nil: the pipe can't be asked
	again func(fd uintptr) bool
	rest  []byte
	n     int
	err   error
}

func newTryWriter(pipe *os.File) *tryWriter {
	w := &tryWriter{}
	w.conn, _ = pipe.SyscallConn() // an error: it is left to File.Write
	w.again = func(fd uintptr) bool {
		for len(w.rest) > 0 && w.err == nil {
			n, err := syscall.Write(int(fd), w.rest)
			if n > 0 {
				w.n += n
				w.rest = w.rest[n:]
			}
			if err != nil && !errors.Is(err, syscall.EINTR) {
				w.err = err
			}
		}
		return true // even when there is a rest: it does not wait
	}
	return w
}

// write returns how much of b was written; all of it unless the pipe is full,
// or fails.
func (w *tryWriter) write(b []byte) (int, error) {
	if w.conn == nil {
		return 0, nil
	}
	w.rest, w.n, w.err = b, 0, nil
	err := w.conn.Write(w.again)
	if err == nil && !errors.Is(w.err, syscall.EAGAIN) {
		err = w.err
	}
	w.rest = nil
	return w.n, err
}
