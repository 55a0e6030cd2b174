package coalesce

import (
	"syscall"
	"unsafe"
)

// writeNow writes what a file takes that doesn't make its writers wait. Go's runtime is
// not told of the system call, which it would be to let others run meanwhile: where cores
// are few, whoever is at the other end of a pipe is woken by the write and runs at once.
// To the runtime that is a call that takes long, for which it starts another thread, and
// looks for more such calls every 20 µs.
func writeNow(fd uintptr, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
