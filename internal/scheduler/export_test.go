package scheduler

import (
	"fmt"
)

// Executions returns what [Scheduler.EachExecution] visits.
func (s *Scheduler) Executions() (list []Execution) {
	s.EachExecution(func(x *Execution) { list = append(list, *x) })
	return list
}

// Leftovers tells what a scheduler without tasks holds all the same; "" is
// what it should be.
func (s *Scheduler) Leftovers() string {
	var left string
	if n := s.room.edges.Load(); n != 0 {
		left += fmt.Sprintf("%d edges; ", n)
	}
	s.followed.mu.Lock()
	if n := len(s.followed.stops); n != 0 {
		left += fmt.Sprintf("%d ids are followed; ", n)
	}
	s.followed.mu.Unlock()
	s.contested.mu.Lock()
	if n := len(s.contested.waiting); n != 0 {
		left += fmt.Sprintf("%d tasks are others'; ", n)
	}
	s.contested.mu.Unlock()
	if n := s.room.waiting.Load(); n != 0 || s.room.waitingBytes.Load() != 0 {
		left += fmt.Sprintf("%d tasks wait; ", n)
	}
	for i := range s.room.accounts.shards {
		for name, a := range s.room.accounts.shards[i].byName {
			if a.users.Load() != 0 || a.tasks.Load() != 0 || a.bytes.Load() != 0 || a.edges.Load() != 0 {
				left += fmt.Sprintf("%s has something; ", name)
			}
		}
	}
	if admitted := s.Admitted(); admitted != (Admitted{}) {
		left += fmt.Sprintf("admitted: %+v; ", admitted)
	}
	for _, e := range s.table.all() {
		if o, _ := e.snapshot(); !o.State.Ended() && !e.goesOnLaterLocked() { // those that a Drain stopped stay
			left += fmt.Sprintf("%q in the table, awaited: %t; ", e.id, e.awaited())
		}
	}
	for i := range s.table.shards {
		sh := &s.table.shards[i]
		sh.Lock()
		if n := sh.reserved.Len(); n > 0 {
			left += fmt.Sprintf("%d ids are reserved; ", n)
		}
		sh.Unlock()
	}
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	if n := len(s.slots.waiting); n > 0 {
		left += fmt.Sprintf("someone in %d queues; ", n)
	}
	if s.slots.all != s.config.MaxConcurrent {
		left += fmt.Sprintf("%d slots are free; ", s.slots.all)
	}
	pools := []*pool{&s.slots.sync, &s.slots.async}
	for _, remote := range s.slots.remote {
		pools = append(pools, &remote.usual, &remote.brief)
	}
	for _, p := range pools {
		if p.free != p.size || p.beyond != 0 || len(p.lanes) > 0 || p.holders.first != nil {
			left += fmt.Sprintf("a pool of %d has %d free, %d beyond and %d lanes; ", p.size, p.free, p.beyond, len(p.lanes))
		}
	}
	return left
}

// Accounts is how many callers are remembered.
func (s *Scheduler) Accounts() (n int) {
	for i := range s.room.accounts.shards {
		n += len(s.room.accounts.shards[i].byName)
	}
	return n
}
