package child

import (
	"os"

	"golang.org/x/sys/unix"
)

// redirect points the standard input at null and the standard output at the
// standard error.
func redirect(null int) error {
	if err := unix.Dup3(null, 0, 0); err != nil {
		return os.NewSyscallError("dup3", err)
	}
	return os.NewSyscallError("dup3", unix.Dup3(2, 1, 0))
}

// widenPipe asks for room for many frames. Without it there is less.
func widenPipe(pipe *os.File) {
	const bytes = 1 << 20
	if conn, err := pipe.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, bytes) })
	}
}
