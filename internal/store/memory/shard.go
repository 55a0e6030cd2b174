package memory

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// A shard has the outcomes of some ids. As all of them live equally long, the
// order in which they came is also that in which they expire.
type shard struct {
	store *Store

	mu      sync.Mutex
	ring    ring
	index   index
	counted int // bytes of both, as the store knows
	// oldest is when the oldest record came, [never] if there is none; written
	// under mu.
	oldest atomic.Int64

	_ [64]byte // what different cores write shares no cache line
}

const (
	never = math.MaxInt64
	// mostTogether is how many records go when one has to, if there are many: one
	// after the other they are in the processor's caches.
	mostTogether = 16
	manyRecords  = 2 << 10 // one more goes for each so many that there are
)

// get returns the outcome of an id.
func (sh *shard) get(tag uint32, id string) (o store.Outcome, ok bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	p, found, ok := sh.index.find(&sh.ring, tag, id)
	if !ok || found.at <= sh.store.now()-sh.store.config.TTL {
		return store.Outcome{}, false
	}
	return sh.ring.outcome(p, &found), true
}

// create stores the outcome of an id, unless there is one. It returns the one
// that is there then, and whether the shard takes more memory than before.
func (sh *shard) create(tag uint32, id string, o store.Outcome) (stored store.Outcome, larger bool) {
	now := sh.store.now()
	expired := now - sh.store.config.TTL
	sh.mu.Lock()
	defer sh.mu.Unlock()
	p, found, ok := sh.index.find(&sh.ring, tag, id)
	switch {
	case ok && found.at > expired:
		return sh.ring.outcome(p, &found), false
	case ok: // it is only not swept yet, like those before it
		sh.drop(math.MaxInt, found.at)
	}
	sh.index.add(&sh.ring, newSlot(tag, sh.ring.add(now, id, &o)))
	switch oldest := sh.ring.oldest(); {
	case sh.ring.records > sh.store.each:
		sh.drop(1+min(sh.store.each/manyRecords, mostTogether-1), never)
	case oldest <= expired:
		sh.drop(mostTogether, expired)
	case sh.ring.records == 1:
		sh.oldest.Store(int64(oldest))
	}
	return o, sh.count() > 0
}

// drop drops the oldest records, so many at most, of those that are no younger
// than a time.
func (sh *shard) drop(most int, until time.Duration) {
	n, oldest := 0, time.Duration(never)
	for ; sh.ring.records > 0; n++ {
		if oldest = sh.ring.oldest(); n == most || oldest > until {
			break
		}
		sh.ring.drop()
		oldest = never
	}
	sh.index.dropped(&sh.ring, n)
	sh.oldest.Store(int64(oldest))
}

// count tells the store by how much the shard has grown.
func (sh *shard) count() (grown int) {
	bytes := sh.ring.held + sh.index.bytes()
	if grown = bytes - sh.counted; grown != 0 {
		sh.counted = bytes
		sh.store.bytes.Add(int64(grown))
	}
	return grown
}

// shrink drops the oldest records, some at most, as long as the store is too
// large, and leaves as many as spared. It reports whether one was dropped.
func (sh *shard) shrink(most, spared int) (done bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for range most {
		if sh.ring.records <= spared || sh.store.bytes.Load() <= sh.store.config.Memory {
			break
		}
		sh.drop(1, never)
		sh.count()
		done = true
	}
	return done
}

// sweep drops records that have expired, some at most. It reports whether there
// may be more.
func (sh *shard) sweep(most int) (more bool) {
	expired := sh.store.now() - sh.store.config.TTL
	if time.Duration(sh.oldest.Load()) > expired {
		return false
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.drop(most, expired)
	sh.count()
	return true
}
