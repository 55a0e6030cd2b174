package memory_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func length(s string) int { return len(s) }

func newCache(t testing.TB, config memory.Config) *memory.Cache[string] {
	t.Helper()
	cache, err := memory.New(config, length)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	return cache
}

func TestAnEntryLivesForItsTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, err := memory.New(memory.Config{TTL: time.Minute, Capacity: 10, Memory: 1 << 20}, length)
		if err != nil {
			t.Fatal(err)
		}
		defer cache.Close()
		cache.Put("a", "x")
		<-time.After(59 * time.Second)
		if v, ok := cache.Get("a"); !ok || v != "x" {
			t.Errorf("before its time: %q, %t", v, ok)
		}
		<-time.After(2 * time.Second)
		if _, ok := cache.Get("a"); ok {
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
			cache.Put(fmt.Sprint(i), "x")
		}
		if n := cache.Len(); n != capacity {
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
		cache.Put(fmt.Sprint(i), "x")
		cache.Get(fmt.Sprint(i / 2)) // that some are asked for more often doesn't matter
	}
	missing := 0
	for i := range capacity / 2 {
		if _, ok := cache.Get(fmt.Sprint(3*capacity - 1 - i)); !ok {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of the last %d are missing", missing, capacity/2)
	}
}

func TestAnotherPutReplacesTheFirst(t *testing.T) {
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: 2, Memory: 1 << 20})
	for i := range 1000 {
		cache.Put("a", fmt.Sprint(i))
		cache.Put("b", strings.Repeat("x", 1000))
	}
	if v, ok := cache.Get("a"); !ok || v != "999" {
		t.Errorf("got %q, %t", v, ok)
	}
	if _, ok := cache.Get("b"); !ok || cache.Len() != 2 {
		t.Errorf("b: %t; %d entries", ok, cache.Len())
	}
}

func TestMemoryBoundsTheEntries(t *testing.T) {
	cache := newCache(t, memory.Config{TTL: time.Hour, Capacity: 1_000_000, Memory: 1 << 20})
	large := strings.Repeat("x", 10_000)
	for i := range 1000 {
		cache.Put(fmt.Sprint(i), large)
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
			cache.Put(fmt.Sprint(i), strings.Repeat("x", 100))
		}
		full := heap() - before
		<-time.After(59 * time.Second)
		cache.Put("young", "x")
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
		if _, err := memory.New(config, length); err == nil {
			t.Errorf("New(%+v) succeeded", config)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	cache := newCache(b, memory.Config{TTL: time.Hour, Capacity: 100_000, Memory: 1 << 30})
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		cache.Put(ids[i%len(ids)], "6")
	}
}

func BenchmarkGet(b *testing.B) {
	cache := newCache(b, memory.Config{TTL: time.Hour, Capacity: 100_000, Memory: 1 << 30})
	cache.Put("a", "6")
	b.ReportAllocs()
	for b.Loop() {
		cache.Get("a")
	}
}
