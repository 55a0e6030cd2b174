package nats

import (
	"errors"
	"slices"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/tagged"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestForeignBytesAreNoOutcome: numbers that are too large for what they stand for, and
// what is cut off.
func TestForeignBytesAreNoOutcome(t *testing.T) {
	ended := slices.Clip(tagged.AppendNumber(nil, outcomeState, uint64(store.Failed)))
	claimed := encodeClaim(claim{node: "a", nonce: "b", epoch: 300})
	for name, b := range map[string][]byte{
		"nothing":            nil,
		"no state":           tagged.AppendBytes(nil, outcomeResult, "1"),
		"a state of running": tagged.AppendNumber(nil, outcomeState, uint64(store.Running)),
		"a state too large":  tagged.AppendNumber(nil, outcomeState, 1<<8+uint64(store.Succeeded)),
		"an attempt so":      tagged.AppendNumber(ended, outcomeAttempt, 1<<32+1),
		"a code so":          tagged.AppendNumber(ended, outcomeCode, 1<<32+1),
		"a cut outcome":      append(ended, outcomeAttempt<<1),
		"a cut claim":        claimed[:len(claimed)-1],
	} {
		if got, err := readStored(b); err == nil {
			t.Errorf("%s is read as %+v", name, got)
		}
	}
}

func FuzzReadStored(f *testing.F) {
	f.Add(appendOutcome(nil, store.Outcome{State: store.Succeeded, Result: "1", Shape: "\x02", Node: "a", Attempt: 1<<32 - 1}))
	f.Add(appendOutcome(nil, store.Outcome{State: store.Cancelled, Err: task.Errorf(task.Cancelled, "stopped")}))
	f.Add(encodeClaim(claim{node: "a", nonce: "b", epoch: 300}))
	f.Add(encodeClaim(claim{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := readStored(b)
		switch {
		case errors.Is(err, errNoOutcome) || errors.Is(err, tagged.ErrCut):
			return
		case err != nil:
			t.Fatalf("another error: %v", err)
		}
		again := encodeClaim(first.claim)
		if first.ended {
			again = appendOutcome(nil, first.outcome)
			if o := first.outcome; !o.State.Ended() || o.State > store.Cancelled || (o.Err == nil) != (o.State == store.Succeeded) {
				t.Fatalf("%x is read as %+v", b, o)
			}
		}
		second, err := readStored(again)
		var failures [2]task.Error
		for i, s := range []*stored{&first, &second} {
			if s.outcome.Err != nil {
				failures[i], s.outcome.Err = *s.outcome.Err, nil
			}
		}
		if err != nil || first != second || failures[0] != failures[1] {
			t.Errorf("%+v and %+v, then %+v and %+v: %v", first, failures[0], second, failures[1], err)
		}
	})
}
