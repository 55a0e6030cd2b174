package timetable_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/timetable"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// log is what has been called, in order.
type log struct {
	mu    sync.Mutex
	items []string
}

func (l *log) add(item string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, item)
}

func (l *log) want(t *testing.T, items ...string) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.items, items) {
		t.Errorf("got %q, want %q", l.items, items)
	}
}

type entry = timetable.Entry[string]

func TestItemsAreCalledInTheirTimesOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		table := timetable.New(timetable.Monotonic(), 0, l.add)
		var removed entry
		table.Add(new(entry), "third", int64(3*time.Second))
		table.Add(new(entry), "first", int64(time.Second))
		table.Add(&removed, "removed", int64(time.Second))
		table.Add(new(entry), "second", int64(time.Second))
		if !table.Remove(&removed) || table.Remove(&removed) || table.Len() != 3 {
			t.Errorf("%d wait", table.Len())
		}
		<-time.After(time.Second - 1)
		l.want(t)
		<-time.After(1)
		l.want(t, "first", "second")
		table.Add(new(entry), "over", 0)
		l.want(t, "first", "second", "over")
		table.Add(new(entry), "before", int64(2*time.Second))
		<-time.After(2 * time.Second)
		l.want(t, "first", "second", "over", "before", "third")
	})
}

// TestAClockThatJumps is noticed within the time that it is looked at.
func TestAClockThatJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		var set atomic.Int64 // how far someone has set the clock
		clock := func() int64 { return timetable.Wall() + set.Load() }
		table := timetable.New(clock, time.Second, l.add)
		start := timetable.Wall()
		table.Add(new(entry), "in an hour", start+int64(time.Hour))
		table.Add(new(entry), "in two", start+int64(2*time.Hour))
		set.Store(int64(time.Hour))
		<-time.After(time.Second)
		l.want(t, "in an hour")
		set.Store(0) // back again: an hour has to pass a second time
		<-time.After(2*time.Hour - 2*time.Second)
		l.want(t, "in an hour")
		<-time.After(2 * time.Second)
		l.want(t, "in an hour", "in two")
	})
}

// TestManyItems come and go in any order, by several goroutines; each is called
// once or taken out.
func TestManyItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var called, removed atomic.Int64
		table := timetable.New(timetable.Monotonic(), 0, func(*int) { called.Add(1) })
		var adding sync.WaitGroup
		const each, goroutines = 5000, 4
		for range goroutines {
			adding.Go(func() {
				for range each {
					e, item := new(timetable.Entry[*int]), new(int)
					table.Add(e, item, table.Now()+rand.Int64N(int64(time.Second)))
					if rand.IntN(3) == 0 {
						<-time.After(time.Duration(rand.IntN(1000)))
						if table.Remove(e) {
							removed.Add(1)
						}
					}
				}
			})
		}
		adding.Wait()
		<-time.After(time.Second)
		synctest.Wait()
		if got := called.Load() + removed.Load(); got != each*goroutines || table.Len() != 0 || removed.Load() == 0 {
			t.Errorf("%d called and %d removed of %d; %d wait", called.Load(), removed.Load(), each*goroutines, table.Len())
		}
	})
}

func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := timetable.New(timetable.Monotonic(), 0, func(string) {})
		for i := range 5 {
			table.Add(new(entry), fmt.Sprint(i), int64(i+1)*int64(time.Second))
		}
		got := table.After(int64(3 * time.Second))
		slices.Sort(got)
		if !slices.Equal(got, []string{"3", "4"}) {
			t.Errorf("got %q", got)
		}
		<-time.After(time.Minute)
	})
}

// BenchmarkWaiting is one item more and one less among 100,000 that wait.
func BenchmarkWaiting(b *testing.B) {
	table := timetable.New(timetable.Monotonic(), 0, func(int) {})
	entries := make([]timetable.Entry[int], 100_000)
	for i := range entries {
		table.Add(&entries[i], i, int64(time.Hour)+rand.Int64N(int64(time.Hour)))
	}
	i := 0
	for b.Loop() {
		i = (i + 7919) % len(entries)
		table.Remove(&entries[i])
		table.Add(&entries[i], i, int64(time.Hour)+rand.Int64N(int64(time.Hour)))
	}
}
