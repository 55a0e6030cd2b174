package service

import "github.com/taskscheduler/taskscheduler/internal/wire"

// maxClaimed is how many bytes of a stream's requests may wait for the nodes to say
// whether their ids are free, before the server stops reading from it.
const maxClaimed = 1 << 20

// A claimant is a request that takes a while to be admitted, among several nodes, until
// its task is there or it is refused.
type claimant struct {
	id     string        // its client's choice; empty: none
	first  []*claimant   // what it depends on of those before it
	bytes  int64         // that it holds
	placed chan struct{} // closed at the end
	over   bool          // likewise; guarded by the session's lock
}

// claim says that a request is about to be submitted that other nodes have to be asked
// for: they may have its id. The stream is read on meanwhile, and what comes then may
// depend on this one, which has to be known by that time. It returns nil for a request
// that nobody is asked for.
func (x *session) claim(request *wire.TaskRequest) *claimant {
	if x.service.config.Nodes == nil || request.TaskID == "" && len(request.Deps) == 0 {
		return nil
	}
	c := &claimant{id: request.TaskID, bytes: int64(request.Args.Bytes()), placed: make(chan struct{})}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, dep := range request.Deps {
		if before := x.claimants[dep]; before != nil {
			c.first = append(c.first, before)
		}
	}
	if x.claimants == nil {
		x.claimants = make(map[string]*claimant)
	}
	if c.id != "" {
		x.claimants[c.id] = c
	}
	x.inFlight.Add(1)
	x.claimed.Add(c.bytes)
	return c
}

// submitClaimant submits the request that c stands for, after those that it depends on.
// Each of them came before it, so that nobody waits for himself.
func (x *session) submitClaimant(c *claimant, r *received) {
	defer x.placed(c)
	for _, before := range c.first {
		select {
		case <-before.placed:
		case <-x.ctx.Done(): // and so its submission is refused
		}
	}
	x.submit(&r.request, r.came, c)
}

// placed says that the task that c stands for is there, or refused.
func (x *session) placed(c *claimant) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.over {
		return
	}
	c.over = true
	close(c.placed)
	if x.claimants[c.id] == c {
		delete(x.claimants, c.id)
	}
	full := x.full()
	x.inFlight.Add(-1)
	x.claimed.Add(-c.bytes)
	if full {
		x.changed.Broadcast()
	}
}
