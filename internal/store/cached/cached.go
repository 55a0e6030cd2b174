// Package cached keeps what a store has told in memory, so that asking again
// costs no round trip.
package cached

import (
	"context"
	"errors"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// Backing is a store that can tell how long what it returns is good.
type Backing interface {
	store.Store
	// Expires is Get that also tells when the outcome will be gone.
	Expires(ctx context.Context, id string) (outcome store.Outcome, at time.Time, ok bool, err error)
}

// A Store is a [store.Store] in front of another one. It caches what is there
// alone: that an id is unknown changes.
type Store struct {
	backing Backing
	ttl     time.Duration
	cache   *otter.Cache[string, entry]
}

var _ store.Store = (*Store)(nil)

type entry struct {
	outcome store.Outcome
	expires time.Time
}

// entryOverhead is about what an entry costs beside its id and its content.
const entryOverhead = 250

// New returns a store in front of one that keeps outcomes for ttl. It takes
// about that many bytes of memory.
func New(backing Backing, ttl time.Duration, memory int64) (*Store, error) {
	if memory <= 0 {
		return nil, errors.New("cached: the memory must be positive")
	}
	cache, err := otter.New(&otter.Options[string, entry]{
		MaximumWeight: uint64(memory),
		Weigher: func(id string, e entry) uint32 {
			return uint32(entryOverhead + len(id) + e.outcome.Bytes())
		},
	})
	if err != nil {
		return nil, err
	}
	return &Store{backing: backing, ttl: ttl, cache: cache}, nil
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, id string) (outcome store.Outcome, ok bool, err error) {
	if e, ok := s.cache.GetIfPresent(id); ok {
		if time.Now().Before(e.expires) {
			return e.outcome, true, nil
		}
		s.cache.Invalidate(id)
	}
	outcome, expires, ok, err := s.backing.Expires(ctx, id)
	if ok && err == nil {
		s.cache.Set(id, entry{outcome, expires})
	}
	return outcome, ok, err
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, id string, outcome store.Outcome) (stored store.Outcome, err error) {
	expires := time.Now().Add(s.ttl)
	stored, err = s.backing.Create(ctx, id, outcome)
	if err == nil && stored == outcome { // another one may be gone sooner
		s.cache.Set(id, entry{stored, expires})
	}
	return stored, err
}
