package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

var errBusy = task.Errorf(task.ResourceExhausted, "the queue is full; retry later")

// longest takes all of each pause that jitter may cut.
func longest(attempts int) backoff {
	b := newBackoff(attempts, 50*time.Millisecond, 2*time.Second)
	b.jitter = func(limit time.Duration) time.Duration { return limit }
	return b
}

func TestPausesDoubleUpToTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		want := []time.Duration{0, 50, 100, 200, 400, 800, 1600, 2000, 2000}
		var got []time.Duration
		last := time.Now()
		err := longest(len(want)).do(t.Context(), func() error {
			got = append(got, time.Since(last)/time.Millisecond)
			last = time.Now()
			return errBusy
		})
		if !errors.Is(err, errBusy) {
			t.Errorf("got %v, want the last attempt's error", err)
		}
		if len(got) != len(want) {
			t.Fatalf("got %d attempts, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("pause before attempt %d: %d ms, want %d", i+1, got[i], want[i])
			}
		}
	})
}

func TestPausesAreRandom(t *testing.T) {
	t.Parallel()
	b := newBackoff(5, 50*time.Millisecond, 2*time.Second)
	low, high := time.Hour, time.Duration(0)
	for range 1000 {
		pause := b.jitter(b.limit(3))
		low, high = min(low, pause), max(high, pause)
	}
	if low < 0 || low > 50*time.Millisecond || high < 150*time.Millisecond || high > 200*time.Millisecond {
		t.Errorf("1000 pauses lie between %v and %v, want them spread over 0 to 200 ms", low, high)
	}
}

func TestDeadlineThatAPauseWouldMissEndsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		started, attempts := time.Now(), 0
		err := longest(100).do(ctx, func() error { attempts++; return errBusy })
		if !errors.Is(err, errBusy) || attempts != 3 || time.Since(started) != 150*time.Millisecond {
			t.Errorf("got %v after %d attempts and %v, want the busy server's error after 3 and 150ms",
				err, attempts, time.Since(started))
		}
	})
}

func TestCancelEndsAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(60*time.Millisecond, cancel)
		started := time.Now()
		err := longest(100).do(ctx, func() error { return errBusy })
		if !errors.Is(err, context.Canceled) || time.Since(started) != 60*time.Millisecond {
			t.Errorf("got %v after %v, want context.Canceled after 60ms", err, time.Since(started))
		}
	})
}
