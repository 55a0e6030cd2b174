//go:build unix

package process

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// killGroup kills the process and what it has started, which must not have been
// waited for.
func killGroup(process *os.Process) {
	_ = syscall.Kill(-process.Pid, syscall.SIGKILL) // it fails when all are gone
}

// deathSignal returns the name of the signal that a process died of, or "".
func deathSignal(state *os.ProcessState) string {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return ""
	}
	if name := unix.SignalName(status.Signal()); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", int(status.Signal()))
}

// wasKilled tells whether a process that we killed died of that.
func wasKilled(state *os.ProcessState) bool { return deathSignal(state) == "SIGKILL" }

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
