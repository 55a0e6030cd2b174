package load

import (
	"testing"
	"time"
)

func TestQuantilesAreCloseToWhatWasCounted(t *testing.T) {
	var l Latencies
	for micros := 1; micros <= 10_000; micros++ {
		l.Add(time.Duration(micros)*time.Microsecond, 3)
	}
	if l.Count() != 30_000 {
		t.Errorf("%d durations", l.Count())
	}
	for q, want := range map[float64]time.Duration{
		0: time.Microsecond, .5: 5 * time.Millisecond, .99: 9900 * time.Microsecond, .999: 9990 * time.Microsecond,
	} {
		got := l.Quantile(q)
		if ratio := float64(got) / float64(want); ratio < .98 || ratio > 1.01 {
			t.Errorf("%v of all take %v, not %v", q, got, want)
		}
	}
}

// A class begins where the one before ends, up to the longest duration.
func TestClassesHaveNoGaps(t *testing.T) {
	for class := range len(new(Latencies).counts) {
		start := startOf(class)
		if start < 0 {
			break // more than a duration can be
		}
		if got := classOf(uint64(start)); got != class {
			t.Fatalf("class %d begins at %d, which is of class %d", class, start, got)
		}
		if class > 0 {
			if got := classOf(uint64(start - 1)); got != class-1 {
				t.Fatalf("%d is of class %d, not %d", start-1, got, class-1)
			}
		}
	}
	if class := classOf(1<<63 - 1); class >= len(new(Latencies).counts) {
		t.Errorf("the longest duration is of class %d", class)
	}
}
