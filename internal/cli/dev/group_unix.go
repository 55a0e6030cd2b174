//go:build unix

package dev

import (
	"os/exec"
	"syscall"
)

// groupWithChildren has the end of a command's context end what it has started, too. A
// terminal's interrupt does not reach it: it is ours to pass on.
func groupWithChildren(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
