package child

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// dieWithParent has the system kill the process when the thread that started it
// ends, even when the server gets no chance to do it.
func dieWithParent(parent int) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	if os.Getppid() != parent {
		return errors.New("the server is gone")
	}
	return nil
}
