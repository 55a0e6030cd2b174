//go:build unix && !linux

package process

import (
	"os/exec"
	"syscall"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitEnd returns when the process has ended.
func awaitEnd(command *exec.Cmd) { _ = command.Wait() } // the state tells more
