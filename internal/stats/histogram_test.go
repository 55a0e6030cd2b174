package stats

import (
	"slices"
	"testing"
	"time"
)

func TestQuantiles(t *testing.T) {
	var empty Histogram
	if empty.Mean() != 0 || empty.Quantile(0.5) != 0 {
		t.Error("an empty histogram has quantiles")
	}
	var h Histogram
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Millisecond) // 1 ms to 1 s
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 1: time.Second} {
		if got := h.Quantile(q); got < want*8/10 || got > want*12/10 {
			t.Errorf("quantile %v: %v, want about %v", q, got, want)
		}
	}
	var long Histogram
	long.add(5 * time.Hour)
	if got := long.Quantile(0.5); got < Bounds[len(Bounds)-1] || got > 5*time.Hour {
		t.Errorf("beyond the last bound: %v", got)
	}
	for d, want := range map[time.Duration]int{
		-1: 0, 0: 0, time.Microsecond: 0, time.Microsecond + 1: 1, 1000 * time.Second: len(Bounds) - 1, 1000*time.Second + 1: len(Bounds),
	} {
		if got := bucketOf(d); got != want {
			t.Errorf("bucketOf(%v) = %d, want %d", d, got, want)
		}
	}
	if !slices.IsSorted(Bounds[:]) || Bounds[0] != time.Microsecond || Bounds[len(Bounds)-1] != 1000*time.Second {
		t.Errorf("bounds: %v", Bounds)
	}
}
