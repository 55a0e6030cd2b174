package memory_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
)

// TestManyAreKeptInShards: what goes is still what is oldest, about.
func TestManyAreKeptInShards(t *testing.T) {
	const capacity = 70_000
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: capacity, Memory: 1 << 30})
	for i := range 3 * capacity {
		cache.create(t, fmt.Sprint(i), "x")
	}
	if n := cache.Len(); n > capacity || n < capacity*97/100 {
		t.Errorf("%d of %d are kept", n, capacity)
	}
	for i := range capacity * 9 / 10 {
		if _, ok := cache.get(t, fmt.Sprint(3*capacity-1-i)); !ok {
			t.Fatalf("the one before the last %d is missing", i)
		}
	}
}

// TestMemoryBoundsTheShards: what goes is the oldest of all of them.
func TestMemoryBoundsTheShards(t *testing.T) {
	const most = 16 << 20
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: 10_000_000, Memory: most})
	random := rand.New(rand.NewPCG(1, 2))
	before := heap()
	for i := range 30_000 {
		cache.create(t, fmt.Sprint(i), strings.Repeat("x", random.IntN(4<<10)))
	}
	if held := heap() - before; held > most*11/10 || held < most*8/10 {
		t.Errorf("%d bytes are held, want about %d", held, most)
	}
	n := cache.Len()
	for i := range n * 9 / 10 {
		if _, ok := cache.get(t, fmt.Sprint(30_000-1-i)); !ok {
			t.Fatalf("the one before the last %d is missing, though %d are kept", i, n)
		}
	}
}

// TestTheNewestStays: however large it is, those before it go for it.
func TestTheNewestStays(t *testing.T) {
	for _, most := range []int64{1, 1 << 10, 1 << 20, 8 << 20} {
		cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: 1_000_000, Memory: most})
		for i, size := range []int64{1, most * 9 / 10, 2 * most, 1, most / 2, 1, 1} {
			id, result := fmt.Sprint(i), strings.Repeat("x", int(size))
			cache.create(t, id, result)
			if got, ok := cache.get(t, id); !ok || got != result {
				t.Errorf("of %d bytes, %d may be kept: there after a Create: %t, %d bytes", size, most, ok, len(got))
			}
		}
		if _, ok := cache.get(t, "5"); !ok && most > 1<<10 {
			t.Errorf("where %d bytes may be kept, a small one went for another", most)
		}
	}
}

// TestEveryByteCounts: results next to the memory that there is leave those of
// others as far as there is room.
func TestEveryByteCounts(t *testing.T) {
	const most = 8 << 20
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: 1_000_000, Memory: most})
	cache.create(t, "small", "x")
	cache.create(t, "large", strings.Repeat("x", most*9/10))
	for _, id := range []string{"small", "large"} {
		if _, ok := cache.get(t, id); !ok {
			t.Errorf("the %s one is gone", id)
		}
	}
	cache.create(t, "another", strings.Repeat("x", most/4))
	if n := cache.Len(); n != 1 {
		t.Errorf("%d are kept, want the last one", n)
	}
}

func TestAnEmptyStoreIsSmall(t *testing.T) {
	before := heap()
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: 1_000_000, Memory: 1 << 30})
	if held := int64(heap()) - int64(before); held > 32<<10 {
		t.Errorf("an empty store holds %d bytes", held)
	}
	cache.create(t, "a", "x")
}

// TestEverythingAtOnce: whatever is dropped meanwhile, an id has the outcome that
// was stored, or none.
func TestEverythingAtOnce(t *testing.T) {
	cache := newCache(t, memory.Config{TTL: 2 * time.Millisecond, Capacity: 40_000, Memory: 2 << 20})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 2))
			for range 5_000 {
				id := fmt.Sprint(random.IntN(5000))
				want := strings.Repeat(id, 1+random.IntN(3)*random.IntN(300))
				o, err := cache.Create(t.Context(), id, store.Outcome{State: store.Succeeded, Result: want})
				if err != nil || !strings.HasPrefix(o.Result, id) || strings.Trim(o.Result, "0123456789") != "" {
					t.Errorf("Create(%s): %.40q, %v", id, o.Result, err)
				}
				if got, ok, _ := cache.Get(t.Context(), id); ok && strings.ReplaceAll(got.Result, id, "") != "" {
					t.Errorf("Get(%s): %.40q", id, got.Result)
				}
				cache.Len()
			}
		})
	}
	all.Wait()
}
