package scheduler

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// account is what one caller has of the room. A nil account is that of callers
// without a name, who have no share.
type account struct {
	name  string
	tasks atomic.Int64
	bytes atomic.Int64
	edges atomic.Int64
	users atomic.Int64 // executions that have it; from zero it grows under its shard's lock alone
}

func (a *account) add(tasks, bytes int64) (hasTasks, hasBytes int64) {
	if a == nil {
		return 0, 0
	}
	return a.tasks.Add(tasks), a.bytes.Add(bytes)
}

func (a *account) addEdges(n int64) int64 {
	if a == nil {
		return 0
	}
	return a.edges.Add(n)
}

// close is called once for each [accounts.open].
func (a *account) close() {
	if a != nil {
		a.users.Add(-1)
	}
}

// accounts are those of the callers who have something, and of some who had.
type accounts struct {
	seed   maphash.Seed
	shards [16]accountShard
}

type accountShard struct {
	sync.Mutex

	byName map[string]*account
	most   int // from so many on, those that nobody uses are forgotten
}

// idleAccounts is how many accounts a shard keeps, used or not: a caller who
// comes again need not have one made.
const idleAccounts = 64

func (s *accounts) init() {
	s.seed = maphash.MakeSeed()
	for i := range s.shards {
		s.shards[i].byName, s.shards[i].most = make(map[string]*account), idleAccounts
	}
}

// open returns the account of a caller, which is to be closed.
func (s *accounts) open(name string) *account {
	if name == "" {
		return nil
	}
	sh := &s.shards[maphash.String(s.seed, name)%uint64(len(s.shards))]
	sh.Lock()
	defer sh.Unlock()
	a := sh.byName[name]
	if a == nil {
		sh.tidyLocked()
		a = &account{name: name}
		sh.byName[name] = a
	}
	a.users.Add(1)
	return a
}

// tidyLocked forgets the accounts that nobody uses, if there are many.
func (sh *accountShard) tidyLocked() {
	if len(sh.byName) < sh.most {
		return
	}
	for name, a := range sh.byName {
		if a.users.Load() == 0 {
			delete(sh.byName, name)
		}
	}
	sh.most = max(idleAccounts, 2*len(sh.byName)) // so that each look at all pays
}
