package process

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{HideWindow: true} }

// awaitEnd returns when the process has ended.
func awaitEnd(command *exec.Cmd) { _ = command.Wait() } // the state tells more

func killGroup(process *os.Process) { _ = process.Kill() } // it fails when it is gone

func deathSignal(*os.ProcessState) string { return "" }

// wasKilled tells whether a process that we killed died of that: it can't be
// known, so it is taken for granted.
func wasKilled(state *os.ProcessState) bool { return !state.Success() }

// takeStreams keeps the standard input and output from the library: a C runtime
// that starts later finds standard error, and nothing to read.
func takeStreams() (in, out *os.File, err error) {
	in, out = os.Stdin, os.Stdout
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	os.Stdin, os.Stdout = null, os.Stderr
	if err := windows.SetStdHandle(windows.STD_INPUT_HANDLE, windows.Handle(null.Fd())); err != nil {
		return nil, nil, os.NewSyscallError("SetStdHandle", err)
	}
	err = windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, windows.Handle(os.Stderr.Fd()))
	return in, out, os.NewSyscallError("SetStdHandle", err)
}

func widenPipe(*os.File) {}
