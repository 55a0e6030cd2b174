package process

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent has the system kill the process when the thread that started it
// ends, even when the server gets no chance to do it.
func dieWithParent(parent int) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	if os.Getppid() != parent {
		return errors.New("the server is gone")
	}
	return nil
}

// confine takes away from the process what a library need not have, and starts
// the same binary again: landlock binds the thread that asks for it, and a Go
// program has several before its first line runs. The thread that execs is the
// only one that is left, so all later ones inherit what it has.
//
// What can't be done is noted, and the rest is done all the same.
func confine(o *options, name string) error {
	runtime.LockOSThread()
	note := func(what string, err error) {
		if err != nil {
			o.Notes = append(o.Notes, what+": "+err.Error())
		}
	}
	note("no_new_privs: programs with other privileges may be started",
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	note("oom_score_adj: short of memory, the system may not choose the plugin first",
		os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0))
	note("files that the server has got from its own parent stay open", closeOthers())
	for _, limit := range resourceLimits(o.Limits) {
		note(limit.what+" is not limited", limit.set())
	}
	note("cores are not limited", keepToCores(o.Limits.Cores))
	if o.Limits.Unconfined {
		o.Notes = append(o.Notes, "unconfined, as configured: the plugin may use files, sockets and system calls as the server may")
	} else {
		note("capabilities of the server's user are kept", dropCapabilities())
		note("landlock: the plugin may use all files that the server may", restrictFiles(o))
	}
	o.Confined = true
	self, err := ownBinary()
	if err == nil {
		err = syscall.Exec(self, o.arguments(name), []string{})
	}
	return fmt.Errorf("starting the confined process: %w", err)
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
}

func (l resourceLimit) set() error {
	if l.most == unlimited {
		return nil
	}
	most := uint64(l.most)
	limit := unix.Rlimit{Cur: most, Max: most}
	err := unix.Setrlimit(l.resource, &limit)
	if errors.Is(err, unix.EPERM) { // the server's own limit is lower
		if err = unix.Getrlimit(l.resource, &limit); err == nil && limit.Max > most {
			err = unix.EPERM
		}
	}
	return os.NewSyscallError("setrlimit", err)
}

func resourceLimits(l Limits) []resourceLimit {
	data := l.MemoryBytes
	switch {
	case raceDetector:
		data = unlimited // it maps more than any limit allows
	case data != unlimited:
		// The parent's watch on resident memory is the limit. This one is for what
		// comes between two looks, so it leaves room for threads' stacks and for
		// what is asked for and never touched. RLIMIT_AS would count address space
		// that Go's runtime only reserves.
		const room = 1 << 30
		data += room
	}
	return []resourceLimit{
		{"the size of core dumps", unix.RLIMIT_CORE, 0},
		{"sudden use of memory", unix.RLIMIT_DATA, data},
		{"processor time", unix.RLIMIT_CPU, l.CPUSeconds},
		{"the number of open files", unix.RLIMIT_NOFILE, l.OpenFiles},
		{"the size of files", unix.RLIMIT_FSIZE, l.FileBytes},
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

// prepare sets up the process that confine has started, and returns what could
// not be done.
func prepare(l Limits) []string {
	// A file that gets too long is an error where it is written, not the end.
	signal.Ignore(unix.SIGXFSZ)
	if l.MemoryBytes != unlimited {
		const share = 10 // Go's own memory is to be collected before the limit is hit
		debug.SetMemoryLimit(l.MemoryBytes / share * (share - 1))
	}
	if l.Unconfined {
		return nil
	}
	if err := restrictCalls(l); err != nil {
		return []string{"seccomp: the plugin may make all system calls: " + err.Error()}
	}
	return nil
}
