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
	users int // executions that have it; guarded by its shard's lock
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

// accounts are those of the callers who have something, and of some who had.
type accounts struct {
	seed   maphash.Seed
	shards [16]accountShard
}

type accountShard struct {
	sync.Mutex

	byName map[string]*account
}

// idleAccounts is how many accounts a shard keeps, used or not: a caller who
// comes again need not have one made.
const idleAccounts = 64

func (s *accounts) init() {
	s.seed = maphash.MakeSeed()
	for i := range s.shards {
		s.shards[i].byName = make(map[string]*account)
	}
}

func (s *accounts) shard(name string) *accountShard {
	return &s.shards[maphash.String(s.seed, name)%uint64(len(s.shards))]
}

// open returns the account of a caller, which is to be closed.
func (s *accounts) open(name string) *account {
	if name == "" {
		return nil
	}
	sh := s.shard(name)
	sh.Lock()
	defer sh.Unlock()
	a := sh.byName[name]
	if a == nil {
		a = &account{name: name}
		sh.byName[name] = a
	}
	a.users++
	return a
}

func (s *accounts) close(a *account) {
	if a == nil {
		return
	}
	sh := s.shard(a.name)
	sh.Lock()
	defer sh.Unlock()
	if a.users--; a.users == 0 && len(sh.byName) > idleAccounts {
		delete(sh.byName, a.name)
	}
}
