package memory

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// TestIndexKeepsWhatIsIn does the same to an index and to a map. The tags are few,
// and many have their place near the end of the table.
func TestIndexKeepsWhatIsIn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var x index
	want := make(map[slot]bool)
	for step := range 200_000 {
		s := newSlot(1<<tagBits-1-uint32(random.IntN(40)), place(random.IntN(50)))
		switch growing := step/20_000%2 == 0; {
		case want[s]:
			x.remove(s)
			delete(want, s)
		case growing || random.IntN(10) == 0:
			x.add(s)
			want[s] = true
		default:
			x.remove(s) // it is not there
		}
		if x.used != len(want) {
			t.Fatalf("step %d: %d slots are used, want %d", step, x.used, len(want))
		}
		if step%1000 == 0 {
			for s := range want {
				if !x.has(s) {
					t.Fatalf("step %d: %x is lost", step, s)
				}
			}
		}
	}
	for s := range want {
		x.remove(s)
	}
	if x.used != 0 || x.slots != nil {
		t.Errorf("an emptied index has %d slots, %d of them used", len(x.slots), x.used)
	}
}

// has reports whether s is found as a record is.
func (x *index) has(s slot) bool {
	for i := x.home(s.tag()); len(x.slots) > 0 && x.slots[i] != 0; i = x.next(i) {
		if x.slots[i] == s {
			return true
		}
	}
	return false
}

// TestSegmentsAreNumberedForEver has a ring whose segments' numbers begin anew.
func TestSegmentsAreNumberedForEver(t *testing.T) {
	const records = 2000
	r := ring{first: 1<<segmentBits - 3}
	o := store.Outcome{State: store.Succeeded, Result: string(make([]byte, 100))}
	places := make([]place, records)
	for i := range places {
		places[i] = r.add(time.Duration(i), "id", &o)
	}
	for i, p := range places {
		found := r.record(p)
		if found.at != time.Duration(i) {
			t.Fatalf("record %d is that of %d", i, found.at)
		}
		if first, oldest := r.oldest(); first != p || oldest.at != found.at {
			t.Fatalf("the oldest record is that of %d, want %d", oldest.at, i)
		}
		r.drop(p, &found)
	}
	if !r.empty() || r.held != 0 {
		t.Errorf("an emptied ring holds %d bytes", r.held)
	}
}
