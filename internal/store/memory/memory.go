// Package memory keeps the outcomes of ended tasks in memory. What has to go
// goes in the order in which it came.
//
//	Store ─ shard, by the id's hash ─┬─ index: hash → place
//	                                 └─ ring of segments: records, the oldest first
//
// A record is an outcome with its id in bytes, so a million of them are some
// thousand objects to the garbage collector, and take little more memory than what
// is in them.
package memory

import (
	"context"
	"errors"
	"hash/maphash"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// Config says how much is kept. All fields must be positive.
type Config struct {
	// TTL is how long an outcome is kept.
	TTL time.Duration
	// Capacity is how many outcomes are kept at the most. If it is more than
	// 32,768, some of the oldest go a little earlier: about one of a hundred.
	Capacity int
	// Memory is about how many bytes they may take together, with all that it takes
	// to find them.
	Memory int64
}

// A Store is a [store.Store] that never fails.
type Store struct {
	config  Config
	began   time.Time // records' times count from here
	seed    maphash.Seed
	shards  []shard
	each    int // how many outcomes a shard has at most
	sweeper sync.WaitGroup
	closed  chan struct{}

	_     [64]byte     // who only reads what is above need not fetch what is below
	bytes atomic.Int64 // of all shards
}

var _ store.Instant = (*Store)(nil)

const (
	// A shard has so many outcomes at least, so that they are about as many in all,
	// and so much memory.
	fewestOfShard      = 16 << 10
	leastMemoryOfShard = 1 << 20
	mostShards         = 1024

	// sweepInterval is how long what has expired may stay in memory.
	sweepInterval = time.Second
	// How many records go at most before somebody else gets the lock of their shard:
	// those that have expired, and those for which there is no memory, the oldest of
	// all shards.
	manyTogether, fewTogether = 256, 32
)

// New returns an empty store. It has a goroutine that drops what has expired
// even when nobody asks; [Store.Close] ends it.
func New(config Config) (*Store, error) {
	if config.TTL <= 0 || config.Capacity <= 0 || config.Memory <= 0 {
		return nil, errors.New("memory: Config.TTL, Capacity and Memory must be positive")
	}
	n := min(uint64(config.Capacity/fewestOfShard), uint64(config.Memory/leastMemoryOfShard), mostShards)
	n = 1 << bits.Len64(n>>1) // a power of two, and no more than that
	s := &Store{
		config: config,
		began:  time.Now(),
		seed:   maphash.MakeSeed(),
		shards: make([]shard, n),
		each:   min(config.Capacity/int(n), mostUsed),
		closed: make(chan struct{}),
	}
	for i := range s.shards {
		s.shards[i].store = s
		s.shards[i].oldest.Store(never)
	}
	s.sweeper.Go(s.sweep)
	return s, nil
}

// Instant implements [store.Instant].
func (s *Store) Instant() {}

// Get implements [store.Store].
func (s *Store) Get(_ context.Context, id string) (outcome store.Outcome, ok bool, err error) {
	hash := maphash.String(s.seed, id)
	outcome, ok = s.shard(hash).get(tagOf(hash), id)
	return outcome, ok, nil
}

// Create implements [store.Store]. It may drop the oldest to make room.
func (s *Store) Create(_ context.Context, id string, outcome store.Outcome) (stored store.Outcome, err error) {
	hash := maphash.String(s.seed, id)
	sh := s.shard(hash)
	stored, larger := sh.create(tagOf(hash), id, outcome)
	if larger && s.bytes.Load() > s.config.Memory {
		s.shrink(sh)
	}
	return stored, nil
}

// shard returns the shard of ids with that hash.
func (s *Store) shard(hash uint64) *shard { return &s.shards[hash&uint64(len(s.shards)-1)] }

// now is the time that records count in.
func (s *Store) now() time.Duration { return time.Since(s.began) }

// shrink drops the oldest of all until the rest takes no more memory than it may.
// The newest, which is in this shard, stays however large it is.
func (s *Store) shrink(newest *shard) {
	spared := false // there is nothing else in the newest one's shard
	for s.bytes.Load() > s.config.Memory {
		oldest := s.oldest(newest, spared)
		if oldest == nil {
			return
		}
		if oldest != newest {
			oldest.shrink(fewTogether, 0)
		} else if !oldest.shrink(fewTogether, 1) {
			spared = true
		}
	}
}

// oldest returns the shard that has the oldest record, or nil.
func (s *Store) oldest(newest *shard, spared bool) (oldest *shard) {
	at := int64(never)
	for i := range s.shards {
		sh := &s.shards[i]
		if came := sh.oldest.Load(); came < at && (!spared || sh != newest) {
			oldest, at = sh, came
		}
	}
	return oldest
}

// Len returns how many outcomes there are.
func (s *Store) Len() int {
	n := 0
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		n += sh.ring.records
		sh.mu.Unlock()
	}
	return n
}

// Close ends the store's goroutine. It is called once.
func (s *Store) Close() {
	close(s.closed)
	s.sweeper.Wait()
}

func (s *Store) sweep() {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-ticker.C:
			for i := range s.shards {
				for s.shards[i].sweep(manyTogether) {
				}
			}
		}
	}
}
