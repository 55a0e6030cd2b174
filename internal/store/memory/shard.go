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
	// mostExpired is how many records one that is added takes away that have
	// expired: more than one, so that they become fewer.
	mostExpired = 2
)

// get returns the outcome of an id.
func (sh *shard) get(tag uint32, id string) (o store.Outcome, ok bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	at, r := sh.find(tag, id)
	if at == nil || sh.store.now()-r.at >= sh.store.config.TTL {
		return store.Outcome{}, false
	}
	return sh.ring.outcome(at.place(), &r), true
}

// find returns the slot of an id, or nil, and its record; both are good until
// something is added or dropped.
func (sh *shard) find(tag uint32, id string) (at *slot, r record) {
	x := &sh.index
	if x.used == 0 {
		return nil, r
	}
	for i := x.home(tag); x.slots[i] != 0; i = x.next(i) {
		if at = &x.slots[i]; at.tag() != tag {
			continue
		}
		if r = sh.ring.record(at.place()); string(r.id) == id {
			return at, r
		}
	}
	return nil, r
}

// create stores the outcome of an id, unless there is one. It returns the one
// that is there then, and whether the shard takes more memory than before.
func (sh *shard) create(tag uint32, id string, o store.Outcome) (stored store.Outcome, larger bool) {
	now := sh.store.now()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	at, r := sh.find(tag, id)
	if at != nil && now-r.at < sh.store.config.TTL {
		return sh.ring.outcome(at.place(), &r), false
	}
	if sh.ring.empty() {
		sh.oldest.Store(int64(now))
	}
	s := newSlot(tag, sh.ring.add(now, id, &o))
	if at != nil { // it has expired and is only not swept yet; its record stays until then
		*at = s
	} else {
		sh.index.add(s)
	}
	for sh.index.used > sh.store.each {
		sh.dropOldest()
	}
	sh.dropExpired(now, mostExpired)
	return o, sh.count() > 0
}

// dropExpired drops records that have expired, some at most. It reports whether
// there may be more.
func (sh *shard) dropExpired(now time.Duration, most int) (more bool) {
	for range most {
		if time.Duration(sh.oldest.Load()) > now-sh.store.config.TTL {
			return false
		}
		sh.dropOldest()
	}
	return true
}

// dropOldest drops the oldest record.
func (sh *shard) dropOldest() {
	p, r := sh.ring.oldest()
	sh.index.remove(newSlot(tagOf(sh.store.hashOf(r.id)), p))
	sh.ring.drop(p, &r)
	if sh.ring.empty() {
		sh.oldest.Store(never)
		return
	}
	_, r = sh.ring.oldest()
	sh.oldest.Store(int64(r.at))
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
// large; if newest is set, the last one stays. It reports whether one was dropped.
func (sh *shard) shrink(most int, newest bool) (done bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for range most {
		if sh.ring.empty() || newest && sh.ring.single() || sh.store.bytes.Load() <= sh.store.config.Memory {
			break
		}
		sh.dropOldest()
		sh.count()
		done = true
	}
	return done
}

// sweep drops records that have expired. It reports whether there may be more.
func (sh *shard) sweep() (more bool) {
	now := sh.store.now()
	if time.Duration(sh.oldest.Load()) > now-sh.store.config.TTL {
		return false
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	defer sh.count()
	return sh.dropExpired(now, turn)
}
