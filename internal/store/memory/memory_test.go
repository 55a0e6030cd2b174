package memory_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cache is a store in which each result stands for itself.
type cache struct{ *memory.Store }

func (c cache) create(t testing.TB, id, result string) (stored string) {
	t.Helper()
	o, err := c.Create(t.Context(), id, store.Outcome{State: store.Succeeded, Result: result})
	if err != nil {
		t.Fatal(err)
	}
	return o.Result
}

func (c cache) get(t testing.TB, id string) (result string, ok bool) {
	t.Helper()
	o, ok, err := c.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o.Result, ok
}

func newCache(t testing.TB, config memory.Config) cache {
	t.Helper()
	s, err := memory.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return cache{s}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		return newCache(t, memory.Config{TTL: time.Hour, Capacity: 1000, Memory: 1 << 30}).Store
	})
}

func TestAnEntryLivesForItsTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache(t, memory.Config{TTL: time.Minute, Capacity: 10, Memory: 1 << 20})
		cache.create(t, "a", "x")
		<-time.After(59 * time.Second)
		if v, ok := cache.get(t, "a"); !ok || v != "x" {
			t.Errorf("before its time: %q, %t", v, ok)
		}
		<-time.After(2 * time.Second)
		if _, ok := cache.get(t, "a"); ok {
			t.Error("there after its time")
		}
		<-time.After(2 * time.Second) // nobody asks, and it is dropped all the same
		if n := cache.Len(); n != 0 {
			t.Errorf("%d entries are kept", n)
		}
	})
}

func TestCapacityBoundsTheEntries(t *testing.T) {
	for _, capacity := range []int{1, 100, 10_000} {
		cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: capacity, Memory: 1 << 30})
		for i := range 3*capacity + 100 {
			cache.create(t, fmt.Sprint(i), "x")
		}
		if n := cache.Len(); n > capacity || n < capacity*99/100 {
			t.Errorf("%d of %d entries are kept", n, capacity)
		}
	}
}

// A full cache must not turn away what is new, whose client may come for it
// right now.
func TestTheOldestGoFirst(t *testing.T) {
	const capacity = 10_000
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: capacity, Memory: 1 << 30})
	for i := range 3 * capacity {
		cache.create(t, fmt.Sprint(i), "x")
		cache.get(t, fmt.Sprint(i/2)) // that some are asked for more often doesn't matter
	}
	missing := 0
	for i := range capacity / 2 {
		if _, ok := cache.get(t, fmt.Sprint(3*capacity-1-i)); !ok {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of the last %d are missing", missing, capacity/2)
	}
}

// An expired result may not have been swept yet.
func TestAnExpiredEntryIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rounds = 1000
		cache := newCache(t, memory.Config{TTL: time.Millisecond, Capacity: 10, Memory: 1 << 20})
		for i := range rounds {
			for range 2 {
				if stored := cache.create(t, "a", fmt.Sprint(i)); stored != fmt.Sprint(i) {
					t.Fatalf("round %d: told %q", i, stored)
				}
			}
			<-time.After(time.Millisecond)
		}
		if stored := cache.create(t, "a", "last"); stored != "last" {
			t.Errorf("told %q", stored)
		}
		if v, ok := cache.get(t, "a"); !ok || v != "last" || cache.Len() != 1 {
			t.Errorf("got %q, %t; %d entries", v, ok, cache.Len())
		}
	})
}

func TestMemoryBoundsTheEntries(t *testing.T) {
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: 1_000_000, Memory: 1 << 20})
	large := strings.Repeat("x", 10_000)
	for i := range 1000 {
		cache.create(t, fmt.Sprint(i), large)
	}
	if n := cache.Len(); n > 104 || n < 100 { // 1 MiB of 10,000 bytes
		t.Errorf("%d entries", n)
	}
}

func TestMemoryIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache(t, memory.Config{TTL: time.Minute, Capacity: 1 << 20, Memory: 1 << 30})
		before := heap()
		for i := range 50_000 {
			cache.create(t, fmt.Sprint(i), strings.Repeat("x", 100))
		}
		full := heap() - before
		<-time.After(59 * time.Second)
		cache.create(t, "young", "x")
		<-time.After(3 * time.Second)
		if n := cache.Len(); n != 1 {
			t.Errorf("%d entries are kept; want the one that is young", n)
		}
		if left := int64(heap()) - int64(before); left > int64(full)/10 {
			t.Errorf("an idle cache holds %d bytes of %d", left, full)
		}
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestLimitsMustBePositive(t *testing.T) {
	for _, config := range []memory.Config{{}, {TTL: 1, Capacity: 1}, {TTL: 1, Memory: 1}, {Capacity: 1, Memory: 1}} {
		if _, err := memory.New(config); err == nil {
			t.Errorf("New(%+v) succeeded", config)
		}
	}
}

// BenchmarkPut is what the scheduler does with a new result; as many are kept as
// there may be.
func BenchmarkPut(b *testing.B) {
	const kept = 1_000_000
	s := newCache(b, memory.Config{TTL: time.Hour, Capacity: kept, Memory: 1 << 30})
	ctx, o := b.Context(), store.Outcome{State: store.Succeeded, Result: "6", Shape: "\x02", Attempt: 1}
	id := func(i int) string { return fmt.Sprintf("0198c5f0-0000-7000-8000-%012d", i) }
	for i := range kept {
		_, _ = s.Create(ctx, id(i), o)
	}
	b.ReportAllocs()
	for i := kept; b.Loop(); i++ {
		id := id(i)
		if _, ok, _ := s.Get(ctx, id); ok {
			b.Fatal("it is there")
		}
		_, _ = s.Create(ctx, id, o)
	}
}

func BenchmarkGet(b *testing.B) {
	s := newCache(b, memory.Config{TTL: time.Hour, Capacity: 100_000, Memory: 1 << 30})
	s.create(b, "a", "6")
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = s.Get(ctx, "a")
	}
}
