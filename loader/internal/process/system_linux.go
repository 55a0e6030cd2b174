package process

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitEnd returns when the process has ended. It can still be waited for, so
// that its id is not another's yet.
func awaitEnd(command *exec.Cmd) {
	for {
		err := unix.Waitid(unix.P_PID, command.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// redirect points the standard input at null and the standard output at the
// standard error.
func redirect(null int) error {
	if err := unix.Dup3(null, 0, 0); err != nil {
		return os.NewSyscallError("dup3", err)
	}
	return os.NewSyscallError("dup3", unix.Dup3(2, 1, 0))
}

// widenPipe asks for room for many frames. Without it there is less.
func widenPipe(pipe *os.File) {
	const bytes = 1 << 20
	if conn, err := pipe.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, bytes) })
	}
}

// A memoryUsage looks up how much memory a process has.
type memoryUsage struct{ statm *os.File }

// openMemoryUsage returns nil where that can't be known.
func openMemoryUsage(pid int) *memoryUsage {
	statm, err := os.Open("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return nil
	}
	return &memoryUsage{statm}
}

func (m *memoryUsage) close() { _ = m.statm.Close() } // it was only read

// bytes returns the resident memory, or 0 when the process is gone.
func (m *memoryUsage) bytes() int64 {
	var buffer [128]byte
	n, _ := m.statm.ReadAt(buffer[:], 0)
	// The second number, in pages.
	var pages int64
	field := 0
	for _, c := range buffer[:n] {
		switch {
		case c == ' ':
			field++
		case field == 1:
			pages = pages*10 + int64(c-'0')
		}
	}
	return pages * int64(os.Getpagesize())
}
