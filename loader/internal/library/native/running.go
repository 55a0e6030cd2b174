package native

import "sync"

// running are the calls that have not ended, of the whole process: the functions
// that libraries call back know nothing but an id.
var running callsInFlight //nolint:gochecknoglobals // a C callback has nothing else to find a call by

// CallsInFlight are calls by id. The goroutine that takes a call out is the one that may
// call its done. The zero value is empty and ready to use.
type callsInFlight struct {
	shards [32]shard
}

type shard struct {
	mu    sync.Mutex
	calls map[uint64]*call
}

func (c *callsInFlight) shard(id uint64) *shard { return &c.shards[id%uint64(len(c.shards))] }

// add adds a call, unless its id is taken.
func (c *callsInFlight) add(p *call) bool {
	id := p.host.ID
	s := c.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[id] != nil {
		return false
	}
	if s.calls == nil {
		s.calls = make(map[uint64]*call)
	}
	s.calls[id] = p
	return true
}

// take removes a call and returns it, or nil when it has ended.
func (c *callsInFlight) take(id uint64) *call {
	s := c.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.calls[id]
	delete(s.calls, id)
	return p
}

// takeAsync is take for calls that finish may end; others stay.
func (c *callsInFlight) takeAsync(id uint64) *call {
	s := c.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.calls[id]
	if p == nil || !p.async {
		return nil
	}
	delete(s.calls, id)
	return p
}

// cancel sets a call's cancel word. It is set under the lock: a call that has
// ended is another one's memory next.
func (c *callsInFlight) cancel(id uint64) {
	s := c.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.calls[id]; p != nil {
		p.cancelled.Store(1)
	}
}

// libraryOf returns the library that runs a call, or nil when it has ended.
func (c *callsInFlight) libraryOf(id uint64) *dynamicLibrary {
	s := c.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.calls[id]; p != nil {
		return p.library
	}
	return nil
}

// unfinished removes a library's async calls and returns them.
func (c *callsInFlight) unfinished(l *dynamicLibrary) []*call {
	var found []*call
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for id, p := range s.calls {
			if p.library == l && p.async {
				delete(s.calls, id)
				found = append(found, p)
			}
		}
		s.mu.Unlock()
	}
	return found
}
