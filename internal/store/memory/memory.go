// Package memory keeps the outcomes of ended tasks in memory. What has to go
// goes in the order in which it came.
package memory

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// Config says how much is kept. All fields must be positive.
type Config struct {
	// TTL is how long an outcome is kept.
	TTL time.Duration
	// Capacity is how many outcomes are kept at the most.
	Capacity int
	// Memory is about how many bytes they may hold together.
	Memory int64
}

// A Store is a [store.Store] that never fails.
type Store struct {
	cache   *otter.Cache[string, entry]
	age     age
	creates atomic.Uint64
	sweeper sync.WaitGroup
	closed  chan struct{}
}

var _ store.Instant = (*Store)(nil)

// entry is an outcome, when it was stored, and by which Create: one that the
// age list has given up must not take a later one of the same id with it.
type entry struct {
	outcome store.Outcome
	create  uint64
	at      time.Duration
}

// entryOverhead is about what an entry costs beside its id and its content:
// otter's node and hash table slot, and its place in the age list.
const entryOverhead = 216

// sweepInterval is how long what has expired may stay in memory.
const sweepInterval = time.Second

// New returns an empty store. It has a goroutine that drops what has expired
// even when nobody asks; [Store.Close] ends it.
func New(config Config) (*Store, error) {
	if config.TTL <= 0 || config.Capacity <= 0 || config.Memory <= 0 {
		return nil, errors.New("memory: Config.TTL, Capacity and Memory must be positive")
	}
	// otter bounds a cache by what is asked for most, which turns away what is
	// new when the cache is full. So the bounds are the age list's, and with
	// them the expiry: all entries live equally long, and a second order of
	// time, otter's, would be a fifth of what a call costs without transport.
	cache, err := otter.New(&otter.Options[string, entry]{})
	if err != nil {
		return nil, err
	}
	s := &Store{
		cache:  cache,
		age:    age{config: config, began: time.Now()},
		closed: make(chan struct{}),
	}
	s.sweeper.Go(s.sweep)
	return s, nil
}

// Instant implements [store.Instant].
func (s *Store) Instant() {}

// Get implements [store.Store].
func (s *Store) Get(_ context.Context, id string) (outcome store.Outcome, ok bool, err error) {
	e, ok := s.cache.GetIfPresent(id)
	if !ok || s.age.expired(e.at) {
		return store.Outcome{}, false, nil
	}
	return e.outcome, true, nil
}

// Create implements [store.Store]. It may drop the oldest to make room.
func (s *Store) Create(_ context.Context, id string, outcome store.Outcome) (stored store.Outcome, err error) {
	e := entry{outcome, s.creates.Add(1), s.age.now()}
	if _, created := s.cache.SetIfAbsent(id, e); !created {
		if there := s.replaceExpired(id, e); there.create != e.create {
			return there.outcome, nil
		}
	}
	oldest, ok := s.age.push(record{id: id, create: e.create, at: e.at, bytes: int64(entryOverhead + len(id) + outcome.Bytes())})
	if ok {
		s.drop(oldest)
		s.trim(e.at)
	}
	return outcome, nil
}

// replaceExpired stores e if what is there has expired and is only not swept
// yet, and returns what is there then.
func (s *Store) replaceExpired(id string, e entry) entry {
	there, _ := s.cache.Compute(id, func(old entry, found bool) (entry, otter.ComputeOp) {
		if found && !s.age.expired(old.at) {
			return old, otter.CancelOp
		}
		return e, otter.WriteOp
	})
	return there
}

// Len returns about how many outcomes there are.
func (s *Store) Len() int { return s.cache.EstimatedSize() }

// Close ends the store's goroutine. It is called once.
func (s *Store) Close() {
	close(s.closed)
	s.sweeper.Wait()
}

// trim drops what is too old by now, or too much.
func (s *Store) trim(now time.Duration) {
	for {
		oldest, ok := s.age.pop(now)
		if !ok {
			return
		}
		s.drop(oldest)
	}
}

// drop drops what the age list has given up.
func (s *Store) drop(oldest record) {
	s.cache.ComputeIfPresent(oldest.id, func(e entry) (entry, otter.ComputeOp) {
		if e.create != oldest.create {
			return e, otter.CancelOp
		}
		return e, otter.InvalidateOp
	})
}

func (s *Store) sweep() {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-ticker.C:
			s.trim(s.age.now())
		}
	}
}
