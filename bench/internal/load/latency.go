package load

import (
	"math/bits"
	"time"
)

// Latencies counts durations in classes that are at most 1.6 % wide.
type Latencies struct {
	counts [64 * classes]int64
	all    int64
}

// classes is into how many each power of two is divided.
const classes = 64

// Add counts a duration so many times.
func (l *Latencies) Add(d time.Duration, times int64) {
	l.counts[classOf(uint64(max(d, 0)))] += times
	l.all += times
}

func classOf(n uint64) int {
	if n < classes {
		return int(n)
	}
	shift := bits.Len64(n) - bits.Len64(classes)
	return shift*classes + int(n>>shift)
}

// startOf is the least duration of a class.
func startOf(class int) time.Duration {
	shift := max(class/classes-1, 0)
	return time.Duration(class-shift*classes) << shift
}

// Merge adds what another has counted.
func (l *Latencies) Merge(other *Latencies) {
	for class, count := range other.counts {
		l.counts[class] += count
	}
	l.all += other.all
}

// Count is how many durations were counted.
func (l *Latencies) Count() int64 { return l.all }

// Quantile returns the duration that a share q of all is not longer than; zero
// if there is none.
func (l *Latencies) Quantile(q float64) time.Duration {
	before, rank := int64(0), int64(q*float64(l.all))
	for class, count := range l.counts {
		if before += count; before > rank {
			return startOf(class)
		}
	}
	return 0
}
