//go:build unix

package coalesce

import (
	"errors"
	"os"
	"syscall"
)

// An eagerFile writes to a file what that takes at once.
type eagerFile struct {
	conn  syscall.RawConn
	again func(fd uintptr) bool
	rest  []byte
	n     int
	err   error
}

// NewPipeWriter returns a Writer to a pipe, which must not be in blocking mode. The
// goroutine that adds first writes for the others as well, so that none has to wake up
// for it. It never waits: when the pipe is full, another goroutine goes on.
func NewPipeWriter(pipe *os.File, limit int) *Writer {
	w := NewWriter(pipe, limit)
	conn, err := pipe.SyscallConn()
	if err != nil {
		return w // the goroutine's Write tells what is wrong
	}
	w.eager = &eagerFile{conn: conn}
	w.eager.again = w.eager.writeSome
	return w
}

// write returns how much of b was written; all of it unless the file is full,
// or fails.
func (f *eagerFile) write(b []byte) (int, error) {
	f.rest, f.n, f.err = b, 0, nil
	err := f.conn.Write(f.again)
	if err == nil && !errors.Is(f.err, syscall.EAGAIN) {
		err = f.err
	}
	f.rest = nil
	return f.n, err
}

// writeSome returns true even when there is a rest: nobody waits for the file.
func (f *eagerFile) writeSome(fd uintptr) bool {
	for len(f.rest) > 0 && f.err == nil {
		n, err := writeNow(fd, f.rest)
		if n > 0 {
			f.n += n
			f.rest = f.rest[n:]
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			f.err = err
		}
	}
	return true
}
