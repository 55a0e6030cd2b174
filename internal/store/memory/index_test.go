package memory

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// TestIndexFindsWhatIsInTheRing does the same to an index with its ring and to a
// list. The tags are few, and many have their place near the end of the table.
func TestIndexFindsWhatIsInTheRing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var x index
	var r ring
	var want []int // what is in, oldest first
	tag := func(n int) uint32 { return 1<<tagBits - 1 - uint32(n%300) }
	o := store.Outcome{State: store.Succeeded}
	for step := range 60_000 {
		if growing := step/6_000%2 == 0; growing == (random.IntN(10) > 2) || len(want) == 0 {
			x.add(&r, newSlot(tag(step), r.add(0, strconv.Itoa(step), &o)))
			want = append(want, step)
		} else {
			r.drop()
			x.dropped(&r, 1)
			want = want[1:]
		}
		if step%1000 != 0 {
			continue
		}
		for _, n := range want {
			if p, _, ok := x.find(&r, tag(n), strconv.Itoa(n)); !ok || string(r.record(p).id) != strconv.Itoa(n) {
				t.Fatalf("step %d: %d is lost", step, n)
			}
		}
		if len(want) > 0 {
			if _, _, ok := x.find(&r, tag(want[0]-1), strconv.Itoa(want[0]-1)); ok {
				t.Fatalf("step %d: what was dropped is found", step)
			}
		}
		if most := max(fewestSlots, 16*len(want)+2*clearAfter); len(x.slots) > most {
			t.Fatalf("step %d: %d slots for %d records", step, len(x.slots), len(want))
		}
	}
	for ; r.records > 0; x.dropped(&r, 1) {
		r.drop()
	}
	if x.used != 0 || x.slots != nil {
		t.Errorf("an emptied index has %d slots, %d of them used", len(x.slots), x.used)
	}
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
		if at := r.oldest(); !r.has(p) || at != found.at {
			t.Fatalf("the oldest record is that of %d, want %d", at, i)
		}
		if r.drop(); r.has(p) {
			t.Fatalf("record %d is still there", i)
		}
	}
	if r.records != 0 || r.held != 0 {
		t.Errorf("an emptied ring holds %d bytes", r.held)
	}
}
