package scheduler

import (
	"sync"
	"time"
)

// overdueAfter is how long a function may go on after its task has ended, by a
// timeout or a cancel, before operators are told. It has no slot from the
// first moment.
const overdueAfter = time.Second

// overdueRuns are the executions whose functions do.
type overdueRuns struct {
	mu         sync.Mutex
	executions map[*execution]bool
}

// isOverdue tells operators of e if its function has not returned by now.
func (s *Scheduler) isOverdue(e *execution) {
	e.mu.Lock()
	if !e.active {
		e.mu.Unlock()
		return
	}
	e.overdue = true
	s.overdue.add(e)
	e.mu.Unlock()
	s.config.Logger.Warn("a task's function goes on after the task has ended; it should heed its context",
		"id", e.id, "method", e.task.Name, "running", time.Since(e.started))
}

func (o *overdueRuns) add(e *execution) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.executions == nil {
		o.executions = make(map[*execution]bool)
	}
	o.executions[e] = true
}

func (o *overdueRuns) remove(e *execution) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.executions, e)
}

func (o *overdueRuns) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.executions)
}

// list describes those that are overdue now.
func (o *overdueRuns) list() (list []Execution) {
	o.mu.Lock()
	executions := make([]*execution, 0, len(o.executions))
	for e := range o.executions {
		executions = append(executions, e)
	}
	o.mu.Unlock()
	for _, e := range executions { // an execution's lock comes before this one
		if x := e.describe(); x.Overdue {
			list = append(list, x)
		}
	}
	return list
}
