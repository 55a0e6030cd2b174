package sandbox

import (
	"errors"
	"math"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// Confine takes away from the process what a library need not have. What can't
// be done is noted, and the rest is done all the same. It then calls again, to
// start the same binary anew: landlock binds the thread that asks for it, and a
// Go program has several before its first line runs. The thread that execs is
// the only one that is left, so all later ones inherit what it has.
//
// Clones is the descriptor of the socket whose other end is with [ServeClones].
func Confine(l Limits, file string, clones int, again func(notes []string) error) error {
	runtime.LockOSThread()
	var notes []string
	note := func(what string, err error) {
		if err != nil {
			notes = append(notes, what+": "+err.Error())
		}
	}
	note("no_new_privs: programs with other privileges may be started",
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	note("oom_score_adj: short of memory, the system may not choose the plugin first",
		os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0))
	note("files that the server has got from its own parent stay open", closeOthers())
	if l.Threads != Unlimited {
		// With the server's own number of open files yet: by that the system measures
		// what all of the user's processes have sent through sockets.
		note("threads are not limited", reportClones(clones))
	}
	for _, limit := range resourceLimits(l) {
		note(limit.what+" is not limited", limit.set())
	}
	note("cores are not limited", keepToCores(l.Cores))
	note("the plugin's threads come before the server's", comeAfter(l.Nice))
	if l.Unconfined {
		notes = append(notes, "unconfined, as configured: the plugin may use files, sockets and system calls as the server may")
	} else {
		note("capabilities of the server's user are kept", dropCapabilities())
		note("landlock: the plugin may use all files that the server may", restrictFiles(l, file))
	}
	return again(notes)
}

// closeOthers has the next exec close all files but the standard streams.
func closeOthers() error {
	const first, last = 3, math.MaxUint32
	return os.NewSyscallError("close_range", unix.CloseRange(first, last, unix.CLOSE_RANGE_CLOEXEC))
}

// A resourceLimit is a limit that the system knows.
type resourceLimit struct {
	what     string
	resource int
	most     int64
	hard     int64 // how much above most the system is stricter
}

func (l resourceLimit) set() error {
	if l.most == Unlimited {
		return nil
	}
	most := uint64(l.most)
	limit := unix.Rlimit{Cur: most, Max: most + uint64(l.hard)}
	err := unix.Setrlimit(l.resource, &limit)
	if errors.Is(err, unix.EPERM) { // the server's own limit is lower
		if err = unix.Getrlimit(l.resource, &limit); err == nil && limit.Max > most {
			err = unix.EPERM
		}
	}
	return os.NewSyscallError("setrlimit", err)
}

func resourceLimits(l Limits) []resourceLimit {
	data, space := l.MemoryBytes, int64(Unlimited)
	switch {
	case raceDetector:
		data = Unlimited // it maps more than any limit allows
	case data != Unlimited:
		// The parent's watch is the limit. These are for what comes between two
		// looks, so they leave room: for threads' stacks and what is asked for and
		// never touched; and for the address space that Go's runtime and others only
		// reserve, of which all page tables together take a 512th.
		const room, reserved = 1 << 30, 64 << 30
		data += room
		space = data + reserved
	}
	return []resourceLimit{
		{"the size of core dumps", unix.RLIMIT_CORE, 0, 0},
		{"sudden use of memory", unix.RLIMIT_DATA, data, 0},
		{"address space", unix.RLIMIT_AS, space, 0},
		// SIGXCPU at the limit, SIGKILL a second later.
		{"processor time", unix.RLIMIT_CPU, l.CPUSeconds, 1},
		{"the number of signals and timers that wait", unix.RLIMIT_SIGPENDING, 256, 0},
		{"the number of open files", unix.RLIMIT_NOFILE, l.OpenFiles, 0},
		{"the size of files", unix.RLIMIT_FSIZE, l.FileBytes, 0},
	}
}

// keepToCores allows n of the processors that there are, others for each
// process. Go's runtime heeds it too.
func keepToCores(n int) error {
	var all, some unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil || n <= 0 || n >= all.Count() {
		return os.NewSyscallError("sched_getaffinity", err)
	}
	first := os.Getpid() % all.Count()
	seen := 0
	for cpu := 0; seen < 2*all.Count() && some.Count() < n; cpu = (cpu + 1) % (len(all) * 64) {
		if all.IsSet(cpu) {
			if seen >= first {
				some.Set(cpu)
			}
			seen++
		}
	}
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &some))
}

// comeAfter lowers the thread's priority, and so that of what it starts.
func comeAfter(steps int) error {
	if steps == Unlimited {
		return nil
	}
	const zero = 20 // the system call answers with the difference
	above, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err == nil {
		err = unix.Setpriority(unix.PRIO_PROCESS, 0, min(zero-above+steps, mostNice))
	}
	return os.NewSyscallError("setpriority", err)
}

// dropCapabilities gives up what makes root more than the owner of its files.
// It takes effect with the next exec, which so still works.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	if sets[0].Permitted|sets[1].Permitted == 0 {
		return nil
	}
	sets[0].Inheritable, sets[1].Inheritable = 0, 0
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return os.NewSyscallError("capset", err)
	}
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) // old kernels have none
	for capability := range uintptr(64) {
		err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0)
		if errors.Is(err, unix.EINVAL) { // the last one was the last
			break
		}
		if err != nil {
			return os.NewSyscallError("prctl", err)
		}
	}
	return nil
}

// Finish confines the process that Confine has had started, now that it needs no
// more than a library does, and returns what could not be done.
func Finish(l Limits) []string {
	// A file that gets too long is an error where it is written, not the end.
	signal.Ignore(unix.SIGXFSZ)
	// The end of its processor time is the process's end; Go ignores the signal.
	var notes []string
	if err := surrender(unix.SIGXCPU); err != nil {
		notes = append(notes, "the end of processor time is seen late: "+err.Error())
	}
	if l.MemoryBytes != Unlimited {
		const share = 10 // Go's own memory is to be collected before the limit is hit
		debug.SetMemoryLimit(l.MemoryBytes / share * (share - 1))
	}
	if l.Unconfined {
		return notes
	}
	if err := restrictCalls(l); err != nil {
		notes = append(notes, "seccomp: the plugin may make all system calls: "+err.Error())
	}
	return notes
}
