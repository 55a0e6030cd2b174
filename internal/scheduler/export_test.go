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
		left += fmt.Sprintf("%q in the table, submitted: %t; ", e.id, e.task != nil)
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
