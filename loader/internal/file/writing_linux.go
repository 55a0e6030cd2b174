package file

import (
	"errors"

	"golang.org/x/sys/unix"
)

// BeingWritten tells whether some process has the file open for writing. A read
// lease is what the kernel gives only when none has. Where it can't say (the
// file is another user's, the file system has no leases) the answer is no, and
// the file's times have to do.
func BeingWritten(path string) bool {
	// O_NONBLOCK: it may have become a pipe, or another's lease may be in the way.
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return errors.Is(err, unix.EAGAIN)
	}
	defer unix.Close(fd)
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_RDLCK); err != nil {
		return errors.Is(err, unix.EAGAIN)
	}
	_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_UNLCK) // closing gives it back too
	return false
}
