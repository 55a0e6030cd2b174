package library_test

import (
	"math"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

func TestDeadlineUnixNano(t *testing.T) {
	last := time.Unix(0, math.MaxInt64)
	for _, test := range []struct {
		deadline time.Time
		want     int64
	}{
		{time.Time{}, 0},
		{time.Unix(2_000_000_000, 12345), 2_000_000_000_000_012_345},
		{last, math.MaxInt64},
		{last.Add(1), 0},
		{time.Now().Add(math.MaxInt64), 0}, // what a timeout of 2⁶⁴-1 ms becomes
		{time.Unix(1<<40, 0), 0},
	} {
		if got := (&library.Call{Deadline: test.deadline}).DeadlineUnixNano(); got != test.want {
			t.Errorf("%v: got %d, want %d", test.deadline, got, test.want)
		}
	}
}
