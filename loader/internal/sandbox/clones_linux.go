//go:build linux && (amd64 || arm64)

package sandbox

import (
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// reportClones has every start of a thread or process, from now on and in what
// the calling thread starts, wait for the answer from the other end
// of the socket: see [ServeClones].
func reportClones(socket int) error {
	f := join(
		load(architectureOffset),
		filter{{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: auditArchitecture, Jt: 1}},
		allow(), // the other filter has another word for it
		load(callOffset))
	for _, call := range slices.Concat([]uint32{unix.SYS_CLONE, unix.SYS_CLONE3}, forkCalls) {
		f = append(f, when(equal, call, end(unix.SECCOMP_RET_USER_NOTIF))...)
	}
	f = append(f, allow()...)
	program := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	listener, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&program)))
	if failed != 0 {
		return syscallError("seccomp", failed)
	}
	defer unix.Close(int(listener))
	return unix.Sendmsg(socket, []byte{0}, unix.UnixRights(int(listener)), nil, 0)
}
