//go:build linux && (amd64 || arm64)

package sandbox

import (
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A creator is a call that may make a file, with the numbers of the arguments
// that say so and that give it its mode.
type creator struct{ call, flags, mode uint32 }

// always stands for the flags of a creator that makes a file in any case.
const always = 6

var creators = []creator{
	{call: unix.SYS_OPENAT, flags: 2, mode: 3},
	{call: unix.SYS_MKNODAT, flags: always, mode: 2},
}

// filter lets the call make files, but none that runs as its owner or group:
// who may start it would get to be the server's user. Nor may it empty a file
// that it opens to read, which old versions of landlock don't see.
func (c creator) filter() filter {
	const makes = unix.O_CREAT | unix.O_TMPFILE&^unix.O_DIRECTORY
	check := join(argument(c.mode), when(anyBits, unix.S_ISUID|unix.S_ISGID, deny(unix.EPERM)), allow())
	if c.flags == always {
		return check
	}
	return join(argument(c.flags),
		when(anyBits, unix.O_TRUNC, join(bits(unix.O_ACCMODE), when(equal, unix.O_RDONLY, deny(unix.EPERM)))),
		argument(c.flags), when(anyBits, makes, check), allow())
}

// mapFilter refuses memory that counts as nobody's: once it is not mapped any
// more, or in pages of another kind, no process is seen to have it.
func mapFilter() filter {
	const kind = 0xf
	return join(argument(3),
		when(anyBits, unix.MAP_HUGETLB, deny(unix.EPERM)),
		when(anyBits, unix.MAP_ANONYMOUS, join(bits(kind), when(equal, unix.MAP_PRIVATE, allow()), deny(unix.EPERM))),
		allow())
}

// cloneFilter has clone make threads, and with programs processes, but never
// namespaces nor children of the server. A thread has the process's open files:
// those of its own would be bounded, and seen, by nobody.
func cloneFilter(programs bool) filter {
	thread := when(anyBits, unix.CLONE_THREAD, join(when(anyBits, unix.CLONE_FILES, allow()), deny(unix.EPERM)))
	if !programs {
		return join(argument(0), thread, deny(unix.EPERM))
	}
	const others = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
		unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP | unix.CLONE_PARENT
	return join(argument(0), when(anyBits, others, deny(unix.EPERM)), thread, allow())
}

// closeFilter lets many files be closed, but not by making them a thread's own.
func closeFilter() filter {
	return join(argument(2), when(anyBits, unix.CLOSE_RANGE_UNSHARE, deny(unix.EPERM)), allow())
}

// socketFilters are about sockets. Of Unix sockets, only a pair that is connected
// already may be had: one of datagrams could send anywhere.
func socketFilters(network bool) filter {
	const kind = 0xf
	sockets := deny(unix.EACCES)
	if network {
		sockets = oneOf(0, families[:], unix.EACCES)
	}
	return join(
		when(equal, unix.SYS_SOCKET, sockets),
		when(equal, unix.SYS_SOCKETPAIR, join(argument(1), bits(kind),
			when(equal, unix.SOCK_STREAM, allow()), when(equal, unix.SOCK_SEQPACKET, allow()), deny(unix.EACCES))))
}

// signalFilters keep signals to the process itself, unless it has started others
// and landlock sees to it that no signal gets farther than to those.
func signalFilters(programs, scoped bool) filter {
	var f filter
	for _, call := range onItself {
		if programs && scoped {
			f = append(f, when(equal, call, allow())...)
		} else {
			f = append(f, when(equal, call, oneOf(0, []uint32{0, uint32(os.Getpid())}, unix.EPERM))...)
		}
	}
	return f
}

// limitFilter lets the process, and what it starts, look at its own limits and
// lower them. The server is of the same user, whom the system would let lower its
// limits too.
func limitFilter() filter { return oneOf(0, []uint32{0, uint32(os.Getpid())}, unix.EPERM) }

// prctlFilter allows all but deniedOptions.
func prctlFilter() filter {
	f := argument(0)
	for _, option := range deniedOptions {
		f = append(f, when(equal, option, deny(unix.EPERM))...)
	}
	return append(f, allow()...)
}

// callFilter returns the filter for these limits and that version of landlock,
// in the process that it is for.
// It allows what is listed: what nobody thought of is denied.
func callFilter(l Limits, landlock int) filter {
	f := join(
		load(architectureOffset),
		filter{{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: auditArchitecture, Jt: 1}},
		end(unix.SECCOMP_RET_KILL_PROCESS),
		load(callOffset))
	if otherCalls != 0 { // those of a second table
		f = append(f, when(anyBits, otherCalls, deny(unix.ENOSYS))...)
	}
	simple := slices.Concat(allowed[:], allowedHere)
	if landlock >= seesTruncate {
		simple = append(simple, unix.SYS_TRUNCATE)
	}
	requests := deviceControls[:]
	if l.Network {
		simple = append(simple, forNetwork[:]...)
		requests = slices.Concat(requests, networkControls[:])
	}
	if l.Programs {
		simple = slices.Concat(simple, forPrograms[:], forkCalls)
	}
	for _, call := range simple {
		f = append(f, when(equal, call, allow())...)
	}
	for _, call := range hidden {
		f = append(f, when(equal, call, deny(unix.ENOSYS))...)
	}
	for _, c := range slices.Concat(creators, creatorsHere) {
		f = append(f, when(equal, c.call, c.filter())...)
	}
	return join(f,
		when(equal, unix.SYS_MMAP, mapFilter()),
		when(equal, unix.SYS_CLONE, cloneFilter(l.Programs)),
		when(equal, unix.SYS_CLOSE_RANGE, closeFilter()),
		when(equal, unix.SYS_FCNTL, oneOf(1, controls[:], unix.EPERM)),
		when(equal, unix.SYS_IOCTL, oneOf(1, requests, unix.EPERM)),
		when(equal, unix.SYS_PRCTL, prctlFilter()),
		when(equal, unix.SYS_PRLIMIT64, limitFilter()),
		signalFilters(l.Programs, landlock >= scopesSignals),
		socketFilters(l.Network),
		when(above, newest, deny(unix.ENOSYS)),
		deny(unix.EPERM))
}

// restrictCalls keeps all threads of the process, and what they start, to the
// system calls that plugins need. It can't be undone.
func restrictCalls(l Limits) error {
	f := callFilter(l, landlockVersion())
	program := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	thread, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failed == 0 && thread != 0 {
		failed = unix.ESRCH // a thread could not be made to follow
	}
	return syscallError("seccomp", failed)
}
