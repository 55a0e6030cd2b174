package scheduler

import (
	"hash/maphash"
	"sync"
)

// table finds the executions that have not ended by id. It is sharded so that
// submissions on many cores do not meet at one lock.
type table struct {
	seed   maphash.Seed
	shards [64]shard
}

// shard's lock orders everything that decides which execution an id means.
type shard struct {
	sync.Mutex
	executions map[string]*execution
	peak       int // the most entries since the map was made
}

// shrinkFrom is the size from which an emptied map is replaced: Go's maps keep
// the memory of the most entries they ever had.
const shrinkFrom = 1024

func (t *table) init() {
	t.seed = maphash.MakeSeed()
	for i := range t.shards {
		t.shards[i].executions = make(map[string]*execution)
	}
}

func (t *table) shard(id string) *shard {
	return &t.shards[maphash.String(t.seed, id)%uint64(len(t.shards))]
}

// find returns the execution of that id, or nil.
func (t *table) find(id string) *execution {
	sh := t.shard(id)
	sh.Lock()
	defer sh.Unlock()
	return sh.executions[id]
}

// remove removes e, unless its id means another execution by now.
func (t *table) remove(e *execution) {
	sh := t.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	sh.removeLocked(e)
}

// all returns the executions that there are now.
func (t *table) all() []*execution {
	var all []*execution
	for i := range t.shards {
		sh := &t.shards[i]
		sh.Lock()
		for _, e := range sh.executions {
			all = append(all, e)
		}
		sh.Unlock()
	}
	return all
}

func (sh *shard) insertLocked(e *execution) {
	sh.executions[e.id] = e
	sh.peak = max(sh.peak, len(sh.executions))
}

func (sh *shard) removeLocked(e *execution) {
	if sh.executions[e.id] != e {
		return
	}
	delete(sh.executions, e.id)
	if len(sh.executions) == 0 && sh.peak >= shrinkFrom {
		sh.executions, sh.peak = make(map[string]*execution), 0
	}
}
