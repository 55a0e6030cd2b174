package sandbox

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// faults are the signals that a process gets for what it has done itself.
var faults = [...]unix.Signal{
	unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGABRT, unix.SIGSYS, unix.SIGTRAP,
}

// SurrenderFaults has a fault end the process at once, as it does any other
// program. Go's runtime would first print the stacks of all goroutines, in a
// process whose memory may be in disorder, and the parent would not see which
// signal it was. It is for children that run foreign machine code; from then on
// a nil pointer in Go code is the end of them too.
func SurrenderFaults() error {
	for _, fault := range faults {
		if err := surrender(fault); err != nil {
			return err
		}
	}
	return nil
}

// surrender has a signal do what it does to a program that knows nothing of it.
func surrender(signal unix.Signal) error {
	var standard [4]uint64 // struct sigaction: SIG_DFL, no flags, nothing masked
	const setSize = 8
	_, _, failed := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(signal),
		uintptr(unsafe.Pointer(&standard)), 0, setSize, 0, 0)
	return syscallError("rt_sigaction", failed)
}
