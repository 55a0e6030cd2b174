//go:build linux && (amd64 || arm64)

package sandbox

import "golang.org/x/sys/unix"

// Offsets in the struct that a filter gets: the call, the architecture, and the
// lower halves of the arguments, on little-endian machines.
const (
	callOffset         = 0
	architectureOffset = 4
	argumentsOffset    = 16
	argumentSize       = 8
)

// A condition is about the word that was loaded last.
type condition uint16

const (
	equal   condition = unix.BPF_JEQ
	above   condition = unix.BPF_JGT
	anyBits condition = unix.BPF_JSET
)

// A filter is a program for the kernel that decides about a system call, or a
// part of one.
type filter []unix.SockFilter

func load(offset uint32) filter {
	return filter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}}
}

// argument loads the lower half of the nth argument; 0 is the first.
func argument(n uint32) filter { return load(argumentsOffset + argumentSize*n) }

// bits keeps only these of the word that was loaded last.
func bits(mask uint32) filter {
	return filter{{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: mask}}
}

func end(action uint32) filter { return filter{{Code: unix.BPF_RET | unix.BPF_K, K: action}} }

func allow() filter { return end(unix.SECCOMP_RET_ALLOW) }

// deny has the call fail with an error.
func deny(number unix.Errno) filter { return end(unix.SECCOMP_RET_ERRNO | uint32(number)) }

// when runs then, which must be short, if the condition holds. Where then does not
// end, what follows is run too, with what then has loaded.
func when(c condition, k uint32, then filter) filter {
	jump := unix.SockFilter{Code: unix.BPF_JMP | uint16(c) | unix.BPF_K, K: k, Jf: uint8(len(then))}
	return append(filter{jump}, then...)
}

// oneOf allows the call if the nth argument is one of these, and denies it
// otherwise.
func oneOf(n uint32, allowed []uint32, number unix.Errno) filter {
	f := argument(n)
	for _, k := range allowed {
		f = append(f, when(equal, k, allow())...)
	}
	return append(f, deny(number)...)
}

// join joins parts of a filter.
func join(parts ...filter) filter {
	var f filter
	for _, part := range parts {
		f = append(f, part...)
	}
	return f
}
