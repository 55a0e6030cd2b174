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
	users atomic.Int64 // executions that have it, or forgotten
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

// forgotten is what users is for an account that is no longer there.
const forgotten = -1

// join is what open does for an account that it need not look for. It takes no
// lock; ok is false if the account is forgotten.
func (a *account) join() (ok bool) {
	for users := a.users.Load(); users != forgotten; users = a.users.Load() {
		if a.users.CompareAndSwap(users, users+1) {
			return true
		}
	}
	return false
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
	// last is the one that was opened last under the lock: most servers have few
	// callers, who would all meet at it.
	last atomic.Pointer[account]
	_    [apart]byte
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
	if a := sh.last.Load(); a != nil && a.name == name && a.join() {
		return a
	}
	sh.Lock()
	defer sh.Unlock()
	a := sh.byName[name]
	if a == nil {
		sh.tidyLocked()
		a = &account{name: name}
		sh.byName[name] = a
	}
	a.users.Add(1)
	sh.last.Store(a)
	return a
}

// tidyLocked forgets the accounts that nobody uses, if there are many.
func (sh *accountShard) tidyLocked() {
	if len(sh.byName) < sh.most {
		return
	}
	for name, a := range sh.byName {
		if a.users.CompareAndSwap(0, forgotten) {
			delete(sh.byName, name)
		}
	}
	sh.most = max(idleAccounts, 2*len(sh.byName)) // so that each look at all pays
}
