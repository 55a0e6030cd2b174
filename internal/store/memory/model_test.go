package memory_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/task"
)

// model is what a store does, done simply.
type model struct {
	ttl      time.Duration
	capacity int
	order    []string // oldest first
	entries  map[string]modelEntry
}

type modelEntry struct {
	outcome store.Outcome
	at      time.Time
}

func (m *model) get(id string) (store.Outcome, bool) {
	e, ok := m.entries[id]
	if !ok || time.Since(e.at) >= m.ttl {
		return store.Outcome{}, false
	}
	return e.outcome, true
}

func (m *model) create(id string, o store.Outcome) store.Outcome {
	if there, ok := m.get(id); ok {
		return there
	}
	m.forget(func(old string) bool { return old == id || time.Since(m.entries[old].at) >= m.ttl })
	if m.entries[id] = (modelEntry{o, time.Now()}); len(m.entries) > m.capacity {
		delete(m.entries, m.order[0])
		m.order = m.order[1:]
	}
	m.order = append(m.order, id)
	return o
}

func (m *model) forget(gone func(id string) bool) {
	var left []string
	for _, id := range m.order {
		if gone(id) {
			delete(m.entries, id)
		} else {
			left = append(left, id)
		}
	}
	m.order = left
}

// outcomeOf is one of those that there are, by a number.
func outcomeOf(n byte) store.Outcome {
	sizes := []int{0, 1, 2, 100, 127, 128, 1000, 2047, 2048, 2049, 5000, 20_000}
	text := strings.Repeat(string('a'+rune(n%26)), sizes[int(n)%len(sizes)])
	switch n % 5 {
	case 0:
		return store.Outcome{State: store.Failed, Err: task.Errorf(task.Code(n), "%s", text), Attempt: 1}
	case 1:
		return store.Outcome{State: store.Cancelled, Err: task.Errorf(task.Cancelled, "%s", text)}
	case 2:
		return store.Outcome{State: store.Succeeded, Result: text, Shape: text, Attempt: 1<<32 - 1}
	default:
		return store.Outcome{State: store.Succeeded, Result: text, Shape: "\x02", Attempt: uint32(n)}
	}
}

// FuzzStore does the same to a store and to a model. Each three bytes are a step:
// what is done, with which id, and with which outcome or for how long.
func FuzzStore(f *testing.F) {
	var long []byte
	for i := range 400 {
		long = append(long, byte(i*7), byte(i*13), byte(i*5))
	}
	f.Add(long)
	f.Add([]byte("\x00\x01\x02\x01\x01\x00\x02\x00\xff\x01\x01\x00\x00\x01\x03"))
	f.Fuzz(func(t *testing.T, steps []byte) {
		const most = 1500
		synctest.Test(t, func(t *testing.T) { follow(t, steps[:min(len(steps), most)]) })
	})
}

func follow(t *testing.T, steps []byte) {
	t.Helper()
	config := memory.Config{TTL: 3 * time.Second, Capacity: 20, Memory: 1 << 40}
	c := newCache(t, config)
	m := &model{ttl: config.TTL, capacity: config.Capacity, entries: make(map[string]modelEntry)}
	for ; len(steps) >= 3; steps = steps[3:] {
		id := fmt.Sprint(steps[1] % 64)
		if steps[1]%64 == 63 {
			id = strings.Repeat("x", 1024)
		}
		switch steps[0] % 8 {
		case 0, 1, 2, 3:
			o := outcomeOf(steps[2])
			stored, err := c.Create(t.Context(), id, o)
			if want := m.create(id, o); err != nil || !same(stored, want) {
				t.Fatalf("Create(%.20q): %+v, %v; want %+v", id, stored, err, want)
			}
		case 4, 5, 6:
			got, ok, err := c.Get(t.Context(), id)
			if want, there := m.get(id); err != nil || ok != there || !same(got, want) {
				t.Fatalf("Get(%.20q): %+v, %t, %v; want %+v, %t", id, got, ok, err, want, there)
			}
		default:
			<-time.After(time.Duration(steps[2]) * 10 * time.Millisecond)
		}
		if n := c.Len(); n > config.Capacity {
			t.Fatalf("%d entries are kept", n)
		}
	}
	<-time.After(config.TTL + 2*time.Second)
	if n := c.Len(); n != 0 {
		t.Errorf("%d entries are kept when all have expired", n)
	}
}

// same compares outcomes as clients see them.
func same(a, b store.Outcome) bool {
	errA, errB := a.Err, b.Err
	a.Err, b.Err = nil, nil
	if a != b || (errA == nil) != (errB == nil) {
		return false
	}
	return errA == nil || errA.Code == errB.Code && errA.Message == errB.Message
}
