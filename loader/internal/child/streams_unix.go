//go:build unix

package child

import (
	"os"

	"golang.org/x/sys/unix"
)

// takeStreams moves the standard input and output to where no library looks for
// them. What it prints then goes to standard error, what it reads is empty.
func takeStreams() (in, out *os.File, err error) {
	if in, err = takeStream(0, "calls"); err != nil {
		return nil, nil, err
	}
	if out, err = takeStream(1, "answers"); err != nil {
		return nil, nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	defer null.Close()
	return in, out, redirect(int(null.Fd()))
}

func takeStream(fd int, name string) (*os.File, error) {
	const above = 10 // where nobody expects anything
	moved, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, above)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	if err := unix.SetNonblock(moved, true); err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(moved), name), nil
}
