package sandbox

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What a plugin may not do, whatever its limits: look into other processes or
// act on them, change what the system or the process is, have memory that the
// process's limits do not count, and use what has opened doors in kernels
// before. Architectures add what only they have.
var forbidden = [...]uint32{
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP,
	unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD, unix.SYS_PIDFD_SEND_SIGNAL,
	unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE, unix.SYS_TKILL, unix.SYS_MOVE_PAGES, unix.SYS_MIGRATE_PAGES,
	unix.SYS_SETSID, unix.SYS_SETPGID, unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET,

	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_FANOTIFY_INIT,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL, unix.SYS_LOOKUP_DCOOKIE, unix.SYS_PERSONALITY,
	unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_SYSLOG, unix.SYS_ACCT,

	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOUNT_SETATTR, unix.SYS_MOVE_MOUNT,
	unix.SYS_OPEN_TREE, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_NFSSERVCTL,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT,
	unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_VHANGUP,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,

	unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID, unix.SYS_SETRESGID,
	unix.SYS_SETFSUID, unix.SYS_SETFSGID, unix.SYS_SETGROUPS, unix.SYS_CAPSET,

	unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET, unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET,
}

// forbiddenPrograms is what it takes to start a program, besides clone.
var forbiddenPrograms = [...]uint32{unix.SYS_EXECVE, unix.SYS_EXECVEAT}

// onItself are the calls that may only name the process itself in their first
// argument, or nobody: signals, limits, scheduling.
var onItself = [...]uint32{
	unix.SYS_KILL, unix.SYS_TGKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_PRLIMIT64,
	unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR,
}

// families are the sockets of plugins that may use the network.
var families = [...]uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// Offsets in the struct that a filter gets: the call, the architecture, and the
// lower halves of the arguments, on little-endian machines.
const (
	callOffset         = 0
	architectureOffset = 4
	argumentsOffset    = 16
	argumentSize       = 8
)

// A filter is a program for the kernel that decides about each system call.
type filter []unix.SockFilter

func (f *filter) add(code uint16, k uint32) { f.jump(code, k, 0, 0) }

func (f *filter) jump(code uint16, k uint32, yes, no uint8) {
	*f = append(*f, unix.SockFilter{Code: code, Jt: yes, Jf: no, K: k})
}

func (f *filter) load(offset uint32) { f.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset) }

func (f *filter) loadArgument(n uint32) { f.load(argumentsOffset + argumentSize*n) }

func (f *filter) allow() { f.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ALLOW) }

// deny has the call fail with an error.
func (f *filter) deny(number unix.Errno) {
	f.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ERRNO|uint32(number))
}

// ifEqual runs the next steps only if the loaded word is k.
func (f *filter) ifEqual(k uint32, steps uint8) {
	f.jump(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, k, 0, steps)
}

// ifAny runs the next steps only if the loaded word has one of bits.
func (f *filter) ifAny(bits uint32, steps uint8) {
	f.jump(unix.BPF_JMP|unix.BPF_JSET|unix.BPF_K, bits, 0, steps)
}

// denyCall has a call fail always.
func (f *filter) denyCall(call uint32, number unix.Errno) {
	f.ifEqual(call, 1)
	f.deny(number)
}

// denyArgument has a call fail when one of its arguments is k.
func (f *filter) denyArgument(call, n, k uint32) {
	const steps = 4
	f.ifEqual(call, steps)
	f.loadArgument(n)
	f.ifEqual(k, 1)
	f.deny(unix.EPERM)
	f.allow()
}

// allowArgument has a call fail unless its first argument is one of allowed.
func (f *filter) allowArgument(call uint32, number unix.Errno, allowed ...uint32) {
	f.ifEqual(call, uint8(2*len(allowed)+2))
	f.loadArgument(0)
	for _, k := range allowed {
		f.ifEqual(k, 1)
		f.allow()
	}
	f.deny(number)
}

// restrictClone has clone make threads, and with programs processes, but never
// namespaces. clone3 hides its flags, so it is said not to exist: libraries
// then use clone.
func (f *filter) restrictClone(programs bool) {
	const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
		unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP
	const steps = 4
	f.denyCall(unix.SYS_CLONE3, unix.ENOSYS)
	f.ifEqual(unix.SYS_CLONE, steps)
	f.loadArgument(0)
	if programs {
		f.ifAny(namespaces, 1)
		f.deny(unix.EPERM)
		f.allow()
	} else {
		f.ifAny(unix.CLONE_THREAD, 1)
		f.allow()
		f.deny(unix.EPERM)
	}
}

// callFilter returns the filter for these limits, in the process that it is for.
func callFilter(l Limits) filter {
	var f filter
	f.load(architectureOffset)
	f.jump(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, auditArchitecture, 1, 0)
	f.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_KILL_PROCESS)
	f.load(callOffset)
	if otherCalls != 0 { // those of a second table
		f.ifAny(otherCalls, 1)
		f.deny(unix.ENOSYS)
	}
	for _, call := range forbidden {
		f.denyCall(call, unix.EPERM)
	}
	for _, call := range forbiddenHere {
		f.denyCall(call, unix.EPERM)
	}
	f.restrictClone(l.Programs)
	if !l.Programs {
		for _, call := range append(forbiddenPrograms[:], forkCalls...) {
			f.denyCall(call, unix.EPERM)
		}
		for _, call := range onItself {
			f.allowArgument(call, unix.EPERM, 0, uint32(os.Getpid()))
		}
	}
	if l.Network {
		f.allowArgument(unix.SYS_SOCKET, unix.EACCES, families[:]...)
	} else {
		f.denyCall(unix.SYS_SOCKET, unix.EACCES)
	}
	f.denyArgument(unix.SYS_PRCTL, 0, unix.PR_SET_PDEATHSIG)
	f.denyArgument(unix.SYS_IOCTL, 1, unix.TIOCSTI)
	f.allow()
	return f
}

// restrictCalls keeps all threads of the process, and what they start, from
// system calls that no plugin needs. It can't be undone.
func restrictCalls(l Limits) error {
	if auditArchitecture == 0 {
		return unix.ENOSYS
	}
	f := callFilter(l)
	program := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	thread, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failed == 0 && thread != 0 {
		failed = unix.ESRCH // a thread could not be made to follow
	}
	return syscallError("seccomp", failed)
}
