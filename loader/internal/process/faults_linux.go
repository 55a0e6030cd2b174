package process

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// faults are the signals that a process gets for what it has done itself.
var faults = [...]unix.Signal{
	unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGABRT, unix.SIGSYS, unix.SIGTRAP, unix.SIGXCPU,
}

// SurrenderFaults has a fault end the process at once, as it does any other
// program. Go's runtime would first print the stacks of all goroutines, in a
// process whose memory may be in disorder, and the parent would not see which
// signal it was. It is for children that run foreign machine code; from then on
// a nil pointer in Go code is the end of them too.
func SurrenderFaults() error {
	var standard [4]uint64 // struct sigaction: SIG_DFL, no flags, nothing masked
	const setSize = 8
	for _, fault := range faults {
		_, _, failed := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(fault),
			uintptr(unsafe.Pointer(&standard)), 0, setSize, 0, 0)
		if failed != 0 {
			return os.NewSyscallError("rt_sigaction", failed)
		}
	}
	return nil
}
