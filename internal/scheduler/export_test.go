package scheduler

import "fmt"

// Leftovers tells what a scheduler without tasks holds all the same; "" is
// what it should be.
func (s *Scheduler) Leftovers() string {
	var left string
	if n := s.edges.Load(); n != 0 {
		left += fmt.Sprintf("%d edges; ", n)
	}
	if admitted := s.Admitted(); admitted != (Admitted{}) {
		left += fmt.Sprintf("admitted: %+v; ", admitted)
	}
	for _, e := range s.table.all() {
		if o, _ := e.snapshot(); !o.State.Ended() { // those that a Drain stopped stay
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
	if s.slots.sync.first != nil || s.slots.async.first != nil {
		left += "someone in a queue; "
	}
	if s.slots.free != s.config.MaxConcurrent || s.slots.freeSync != s.config.MaxSync {
		left += fmt.Sprintf("%d slots and %d sync ones are free; ", s.slots.free, s.slots.freeSync)
	}
	return left
}
