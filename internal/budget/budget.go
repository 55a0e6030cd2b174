// Package budget divides the memory that a process may use among those of its
// parts that clients can make large.
package budget

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// reserve is what a server takes whatever its budgets are: code, stacks,
	// buffers of connections, the indexes of what is kept.
	reserve = 100 << 20
	// overheadPercent is what a byte of a budget takes: itself, and the garbage
	// that the collector has not found yet.
	overheadPercent = 130
	// smallest is what the budgets share where there is next to nothing.
	smallest = 16 << 20
)

// Available returns how many bytes this process may use: GOMEMLIMIT if it is
// set, else what its container has, or the machine.
func Available() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit
	}
	for _, limit := range []func() (uint64, error){memlimit.FromCgroup, memlimit.FromSystem} {
		if bytes, err := limit(); err == nil && bytes > 0 && bytes < math.MaxInt64 {
			return int64(bytes)
		}
	}
	return math.MaxInt64 // nobody knows: the budgets bound it alone
}

// Need returns how much memory a process takes at the most whose budgets are
// that large together.
func Need(budgets int64) int64 {
	if budgets > (math.MaxInt64-reserve)/overheadPercent*100 {
		return math.MaxInt64
	}
	return reserve + budgets/100*overheadPercent
}

// Share returns the part of the memory that is for budgets, in percent, and at
// most that many bytes.
func Share(available int64, percent, most int64) int64 {
	divided := max((available-reserve)/overheadPercent*100, smallest)
	return min(divided/100*percent, most)
}

// Check refuses budgets that don't fit into the memory that there is.
func Check(available, budgets int64) error {
	if need := Need(budgets); need > available {
		return fmt.Errorf("need %d MiB with what the server itself takes, but there are %d MiB: lower them, or give it more memory",
			need>>20, available>>20)
	}
	return nil
}
