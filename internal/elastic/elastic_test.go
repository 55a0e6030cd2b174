package elastic

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMapGivesItsMemoryBack(t *testing.T) {
	var m Map[int, string]
	for _, n := range []int{10, 100_000} {
		for i := range n {
			m.Set(i, "x")
		}
		if got := len(slices.Collect(m.Values())); got != n || m.Len() != n {
			t.Errorf("%d values, Len %d; want %d", got, m.Len(), n)
		}
		for i := range n {
			if v, ok := m.Get(i); !ok || v != "x" {
				t.Fatalf("Get(%d): %q, %t", i, v, ok)
			}
			m.Delete(i)
			m.Delete(i)
		}
		if _, ok := m.Get(0); ok || m.Len() != 0 {
			t.Errorf("%d entries are left", m.Len())
		}
	}
	if m.entries != nil {
		t.Error("an emptied map keeps the room of 100,000 entries")
	}
}

// TestQueueIsFirstInFirstOut does the same to a queue and to a slice.
func TestQueueIsFirstInFirstOut(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q Queue[*int]
	var want []*int
	for step := range 200_000 {
		growing := step/20_000%2 == 0 // ten times far up and nearly down again
		if push := random.IntN(10) < 3; push != growing || len(want) == 0 {
			item := new(int)
			q.Push(item)
			want = append(want, item)
		} else if got := q.Pop(); got != want[0] {
			t.Fatalf("step %d: not the oldest item", step)
		} else {
			want = want[1:]
		}
		if q.Len() != len(want) || q.Len() > 0 && *q.First() != want[0] {
			t.Fatalf("step %d: %d items, want %d; or another first one", step, q.Len(), len(want))
		}
		if step%100 == 0 && q.room() > q.Len()+2*largePiece {
			t.Fatalf("step %d: room for %d items where there are %d", step, q.room(), q.Len())
		}
	}
}

func TestQueueGivesItsMemoryBack(t *testing.T) {
	var q Queue[int]
	for i := range 100_000 {
		q.Push(i)
	}
	for q.Len() > 0 {
		q.Pop()
	}
	if room := q.room(); room >= largePiece {
		t.Errorf("an emptied queue keeps the room of %d items", room)
	}
}

// room is for how many items there is memory.
func (q *Queue[T]) room() (n int) {
	for p := q.first; p != nil; p = p.next {
		n += cap(p.items)
	}
	return n
}
