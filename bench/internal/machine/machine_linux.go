package machine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Cores returns the numbers of the cores that this process may use.
func Cores() []int {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil
	}
	var cores []int
	for core := range len(set) * 64 {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores
}

// Pin keeps this process on these cores.
func Pin(cores []int) error {
	set := setOf(cores)
	for range 2 { // the second time for threads that the first one's has overlooked
		threads, err := filepath.Glob("/proc/self/task/*")
		if err != nil {
			return err
		}
		for _, thread := range threads {
			id, err := strconv.Atoi(filepath.Base(thread))
			if err != nil {
				return err
			}
			if err := unix.SchedSetaffinity(id, set); err != nil && err != unix.ESRCH { //nolint:errorlint // it is the call's own
				return fmt.Errorf("keep to cores %v: %w", cores, err)
			}
		}
	}
	runtime.GOMAXPROCS(len(cores))
	return nil
}

// Start starts a command that keeps to these cores; all that it starts does too.
// With none it may use all.
func Start(command *exec.Cmd, cores []int) error {
	if len(cores) == 0 {
		return command.Start()
	}
	runtime.LockOSThread() // a process begins with what the thread had that forked it
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	if err := unix.SchedSetaffinity(0, setOf(cores)); err != nil {
		return fmt.Errorf("keep %s to cores %v: %w", command.Path, cores, err)
	}
	defer func() { _ = unix.SchedSetaffinity(0, &before) }() // it was so
	return command.Start()
}

func setOf(cores []int) *unix.CPUSet {
	set := new(unix.CPUSet)
	for _, core := range cores {
		set.Set(core)
	}
	return set
}

// Time returns the processor time that a process and those that it has started
// have taken, to the nanosecond, threads that have ended included.
func Time(pid int) time.Duration {
	var sum time.Duration
	for _, pid := range append(children(pid), pid) {
		// The kernel's number of a process's clock: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
		const schedulerTime = 2
		clock := ^int32(pid)<<3 | schedulerTime //nolint:gosec // it is a pid
		var taken unix.Timespec
		if unix.ClockGettime(clock, &taken) == nil {
			sum += time.Duration(taken.Nano())
		}
	}
	return sum
}

// OwnTime is [Time] of this process alone.
func OwnTime() time.Duration {
	var taken unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &taken) // every Linux has it
	return time.Duration(taken.Nano())
}

// children returns the processes that a process has started.
func children(pid int) []int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well-formed
	var all []int
	for _, list := range lists {
		text, _ := os.ReadFile(list) // the thread may be gone
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(append(all, child), children(child)...)
			}
		}
	}
	return all
}

// Memory returns how many bytes of a process are resident; 0 if that isn't known.
func Memory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(field(string(text), "VmRSS"), " kB"), 10, 64)
	return kilobytes << 10
}

// field returns what stands behind a name and a colon.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// processor is what the processor calls itself.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // empty where it isn't there
	return field(string(text), "model name")
}

// shared tells whether two of the cores are threads of one.
func shared(cores []int) bool {
	seen := map[string]bool{}
	for _, core := range cores {
		siblings, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", core))
		if err == nil && seen[string(siblings)] {
			return true
		}
		seen[string(siblings)] = true
	}
	return false
}
