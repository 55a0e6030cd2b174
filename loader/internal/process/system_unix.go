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
