//go:build unix

package process_test

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// die ends the process in one of the ways that libraries find.
func die(how string) {
	faults := map[string]syscall.Signal{"segv": syscall.SIGSEGV, "abort": syscall.SIGABRT, "go segv": syscall.SIGSEGV}
	switch fault, ok := faults[how]; {
	case how == "exit":
		syscall.Exit(3)
	case how == "go panic":
		go func() { panic("in a goroutine") }()
	case how == "close pipes":
		for fd := 3; fd < 64; fd++ {
			if mode, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err == nil && mode&unix.O_ACCMODE == unix.O_WRONLY {
				_ = unix.Close(fd)
			}
		}
	case how == "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case ok && how != "go segv":
		_ = sandbox.SurrenderFaults()
		fallthrough
	case ok:
		_ = syscall.Kill(os.Getpid(), fault)
		<-time.After(time.Hour) // another thread may get it, a moment later
	}
}

// printEverywhere writes where a library would.
func printEverywhere(text string) {
	fmt.Println(text) //nolint:forbidigo // what a library prints must not reach the parent as frames
	_, _ = syscall.Write(1, []byte(text+"\n"))
	_, _ = syscall.Write(2, []byte(text+"\n"))
}
