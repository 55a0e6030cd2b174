package dev

import (
	"os/exec"
	"strconv"
)

// groupWithChildren has the end of a command's context end what it has started, too.
func groupWithChildren(command *exec.Cmd) {
	command.Cancel = func() error {
		return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(command.Process.Pid)).Run() //nolint:gosec,noctx // a number
	}
}
