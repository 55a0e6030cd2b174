package stats

import "time"

// A Histogram sums up how long runs took. The zero Histogram is empty.
type Histogram struct {
	Count uint64
	Sum   time.Duration
	Max   time.Duration
	// Buckets counts the runs that took as long as the bound of the same index
	// in [Bounds] or less, but longer than the bound before. The last counts
	// those that took longer than every bound.
	Buckets [buckets]uint64
}

// The bounds are 1, 1.5, 2, 3, 5 and 7 times each power of ten from 1 µs to
// 1,000 s, which puts a quantile's estimate within some 20 % of what it is.
const (
	decades = 9
	steps   = 6
	buckets = decades*steps + 2 // 1,000 s, and what is above
)

// Bounds are the upper bounds of a histogram's buckets, ascending.
//
//nolint:gochecknoglobals // a table, never written
var Bounds = func() (bounds [buckets - 1]time.Duration) {
	unit := time.Microsecond
	for i := range bounds {
		bounds[i] = time.Duration([steps]float64{1, 1.5, 2, 3, 5, 7}[i%steps] * float64(unit))
		if i%steps == steps-1 {
			unit *= 10
		}
	}
	return bounds
}()

func (h *Histogram) add(d time.Duration) {
	h.Count++
	h.Sum += d
	h.Max = max(h.Max, d)
	h.Buckets[bucketOf(d)]++
}

// Since returns the runs that came after before, an earlier copy. Its Max is that of
// all: which one of them was the longest isn't known.
func (h *Histogram) Since(before *Histogram) Histogram {
	after := *h
	after.Count -= before.Count
	after.Sum -= before.Sum
	for i, n := range before.Buckets {
		after.Buckets[i] -= n
	}
	return after
}

// Merge adds the runs of another histogram.
func (h *Histogram) Merge(other *Histogram) {
	h.Count += other.Count
	h.Sum += other.Sum
	h.Max = max(h.Max, other.Max)
	for i, n := range other.Buckets {
		h.Buckets[i] += n
	}
}

// bucketOf returns the index of the first bound that is d or more.
func bucketOf(d time.Duration) int {
	low, high := 0, buckets-1
	for low < high {
		middle := int(uint(low+high) / 2)
		if Bounds[middle] < d {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// Mean is the average run's length; zero if there was none.
func (h *Histogram) Mean() time.Duration {
	if h.Count == 0 {
		return 0
	}
	return h.Sum / time.Duration(h.Count)
}

// Quantile estimates the length that the share q of the runs, from 0 to 1, did
// not exceed; zero if there was none.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := q * float64(h.Count)
	below := 0.0
	for i, n := range h.Buckets {
		if n == 0 || below+float64(n) < rank {
			below += float64(n)
			continue
		}
		low, high := time.Duration(0), h.Max
		if i > 0 {
			low = Bounds[i-1]
		}
		if i < len(Bounds) {
			high = min(Bounds[i], h.Max)
		}
		return low + time.Duration(float64(high-low)*(rank-below)/float64(n))
	}
	return h.Max
}
