package bench

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime returns how much processor time these processes have taken so
// far, to the nanosecond, threads that have ended included. A pid of 0 is the
// calling process.
func processorTime(b *testing.B, pids ...int) time.Duration {
	b.Helper()
	var sum time.Duration
	for _, pid := range pids {
		// The kernel's number of a process's clock: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
		const schedulerTime = 2
		clock := ^int32(pid)<<3 | schedulerTime
		var taken unix.Timespec
		if err := unix.ClockGettime(clock, &taken); err != nil {
			b.Fatalf("the processor time of process %d: %v", pid, err)
		}
		sum += time.Duration(taken.Nano())
	}
	return sum
}
