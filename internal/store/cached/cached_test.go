package cached_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/cached"
	"github.com/taskscheduler/taskscheduler/internal/store/storetest"
)

// backing keeps everything for an hour, and counts how often it is asked.
type backing struct {
	mu       sync.Mutex
	outcomes map[string]store.Outcome
	expires  map[string]time.Time
	asked    atomic.Int64
}

func newBacking() *backing {
	return &backing{outcomes: map[string]store.Outcome{}, expires: map[string]time.Time{}}
}

func (b *backing) Get(ctx context.Context, id string) (store.Outcome, bool, error) {
	o, _, ok, err := b.Expires(ctx, id)
	return o, ok, err
}

func (b *backing) Expires(_ context.Context, id string) (o store.Outcome, at time.Time, ok bool, err error) {
	b.asked.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok = b.outcomes[id]
	at = b.expires[id]
	if !ok || time.Now().After(at) {
		return store.Outcome{}, time.Time{}, false, nil
	}
	return o, at, true, nil
}

func (b *backing) Create(_ context.Context, id string, o store.Outcome) (store.Outcome, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if there, ok := b.outcomes[id]; ok && time.Now().Before(b.expires[id]) {
		return there, nil
	}
	b.outcomes[id], b.expires[id] = o, time.Now().Add(time.Hour)
	return o, nil
}

func open(t *testing.T, b *backing) *cached.Store {
	t.Helper()
	s, err := cached.New(b, time.Hour, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		return open(t, newBacking())
	})
}

func TestAskingAgainCostsNoRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBacking()
		o := store.Outcome{State: store.Succeeded, Result: "x"}
		if _, err := open(t, b).Create(t.Context(), "stored before", o); err != nil {
			t.Fatal(err)
		}
		s := open(t, b)
		if _, err := s.Create(t.Context(), "stored here", o); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			for _, id := range []string{"stored before", "stored here"} {
				if got, ok, err := s.Get(t.Context(), id); got != o || !ok || err != nil {
					t.Errorf("%s: %+v, %t, %v", id, got, ok, err)
				}
			}
		}
		if n := b.asked.Load(); n != 1 {
			t.Errorf("the store was asked %d times", n)
		}
		<-time.After(time.Hour + time.Second)
		if _, ok, err := s.Get(t.Context(), "stored here"); ok || err != nil {
			t.Errorf("there after its time: %t, %v", ok, err)
		}
	})
}

func TestWhatIsUnknownIsAskedForAgain(t *testing.T) {
	b := newBacking()
	s := open(t, b)
	for range 3 {
		if _, ok, err := s.Get(t.Context(), "a"); ok || err != nil {
			t.Errorf("%t, %v", ok, err)
		}
	}
	if n := b.asked.Load(); n != 3 {
		t.Errorf("the store was asked %d times", n)
	}
}
