//go:build unix && !linux

package child

import (
	"os"
	"syscall"
)

// redirect points the standard input at null and the standard output at the
// standard error.
func redirect(null int) error {
	if err := syscall.Dup2(null, 0); err != nil {
		return os.NewSyscallError("dup2", err)
	}
	return os.NewSyscallError("dup2", syscall.Dup2(2, 1))
}

func widenPipe(*os.File) {}
