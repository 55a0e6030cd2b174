package results_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/results"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func length(s string) int { return len(s) }

func newCache(t testing.TB, config results.Config) *results.Cache[string] {
	t.Helper()
	cache, err := results.New(config, length)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	return cache
}

func TestAnEntryLivesForItsTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, err := results.New(results.Config{TTL: time.Minute, Capacity: 10, Memory: 1 << 20}, length)
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

// settled waits until the cache's own goroutines have dropped what is too much.
func settled(t *testing.T, cache *results.Cache[string], most int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); cache.Len() > most; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d entries; want at most %d", cache.Len(), most)
		}
	}
}

func TestCapacityBoundsTheEntries(t *testing.T) {
	cache := newCache(t, results.Config{TTL: time.Hour, Capacity: 100, Memory: 1 << 30})
	for i := range 10_000 {
		cache.Put(fmt.Sprint(i), "x")
	}
	settled(t, cache, 100)
	if n := cache.Len(); n < 50 {
		t.Errorf("only %d of 100 entries are kept", n)
	}
}

func TestMemoryBoundsTheEntries(t *testing.T) {
	cache := newCache(t, results.Config{TTL: time.Hour, Capacity: 1_000_000, Memory: 1 << 20})
	large := strings.Repeat("x", 10_000)
	for i := range 1000 {
		cache.Put(fmt.Sprint(i), large)
	}
	settled(t, cache, 104) // 1 MiB of 10,000 bytes
}

func TestMemoryIsGivenBack(t *testing.T) {
	cache := newCache(t, results.Config{TTL: time.Second, Capacity: 1 << 20, Memory: 1 << 30})
	before := heap()
	for i := range 200_000 {
		cache.Put(fmt.Sprint(i), strings.Repeat("x", 100))
	}
	full := heap() - before
	settled(t, cache, 0)
	if left := int64(heap()) - int64(before); left > int64(full)/10 {
		t.Errorf("an idle cache holds %d bytes of %d", left, full)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestLimitsMustBePositive(t *testing.T) {
	for _, config := range []results.Config{{}, {TTL: 1, Capacity: 1}, {TTL: 1, Memory: 1}, {Capacity: 1, Memory: 1}} {
		if _, err := results.New(config, length); err == nil {
			t.Errorf("New(%+v) succeeded", config)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	cache := newCache(b, results.Config{TTL: time.Hour, Capacity: 100_000, Memory: 1 << 30})
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
	cache := newCache(b, results.Config{TTL: time.Hour, Capacity: 100_000, Memory: 1 << 30})
	cache.Put("a", "6")
	b.ReportAllocs()
	for b.Loop() {
		cache.Get("a")
	}
}
