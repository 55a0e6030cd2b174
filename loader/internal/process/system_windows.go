package process

import (
	"os"
	"os/exec"
	"syscall"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{HideWindow: true} }

// awaitEnd returns when the process has ended.
func awaitEnd(command *exec.Cmd) { _ = command.Wait() } // the state tells more

func killGroup(process *os.Process) { _ = process.Kill() } // it fails when it is gone

func deathSignal(*os.ProcessState) string { return "" }

// wasKilled tells whether a process that we killed died of that: it can't be
// known, so it is taken for granted.
func wasKilled(state *os.ProcessState) bool { return !state.Success() }
