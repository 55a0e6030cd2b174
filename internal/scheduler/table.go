package scheduler

import (
	"hash/maphash"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/elastic"
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

	executions elastic.Map[string, *execution]
	// reserved ids belong to a submission that is finding out what they mean.
	// The channel is made by the first who waits, and closed in the end.
	reserved elastic.Map[string, chan struct{}]

	_ [apart]byte
}

// apart keeps what different cores write from sharing a cache line.
const apart = 64

func (t *table) init() { t.seed = maphash.MakeSeed() }

func (t *table) shard(id string) *shard {
	return &t.shards[maphash.String(t.seed, id)%uint64(len(t.shards))]
}

// find returns the task of that id, or nil.
func (t *table) find(id string) *execution {
	sh := t.shard(id)
	sh.Lock()
	defer sh.Unlock()
	e, _ := sh.executions.Get(id)
	if e == nil || e.awaited() {
		return nil
	}
	return e
}

// reserve reserves an id. It doesn't if there is a task of that id, which it
// returns, nor if someone else has reserved it: then it returns what is closed
// when that is over.
func (t *table) reserve(id string) (e *execution, busy <-chan struct{}) {
	sh := t.shard(id)
	sh.Lock()
	defer sh.Unlock()
	if e, ok := sh.executions.Get(id); ok && !e.awaited() {
		return e, nil
	}
	wait, ok := sh.reserved.Get(id)
	switch {
	case ok && wait == nil:
		wait = make(chan struct{})
		sh.reserved.Set(id, wait)
	case !ok:
		sh.reserved.Set(id, nil)
	}
	return nil, wait
}

// free ends a reservation.
func (t *table) free(id string) {
	sh := t.shard(id)
	sh.Lock()
	defer sh.Unlock()
	if wait, _ := sh.reserved.Get(id); wait != nil {
		close(wait)
	}
	sh.reserved.Delete(id)
}

// remove removes e, unless its id means another execution by now.
func (t *table) remove(e *execution) {
	sh := t.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	sh.removeLocked(e)
}

// has reports whether e is what its id means.
func (t *table) has(e *execution) bool {
	sh := t.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	there, _ := sh.executions.Get(e.id)
	return there == e
}

// drop is remove that reports whether its id meant e.
func (t *table) drop(e *execution) bool {
	sh := t.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	there, _ := sh.executions.Get(e.id)
	sh.removeLocked(e)
	return there == e
}

// all returns the tasks that there are now.
func (t *table) all() (all []*execution) {
	for i := range t.shards {
		all = t.shards[i].appendTasks(all)
	}
	return all
}

// appendTasks appends the shard's tasks to list.
func (sh *shard) appendTasks(list []*execution) []*execution {
	sh.Lock()
	defer sh.Unlock()
	for e := range sh.executions.Values() {
		if !e.awaited() {
			list = append(list, e)
		}
	}
	return list
}

func (sh *shard) removeLocked(e *execution) {
	if there, _ := sh.executions.Get(e.id); there == e {
		sh.executions.Delete(e.id)
	}
}
