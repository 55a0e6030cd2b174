package scheduler

import (
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// Execution describes one execution of a task to those who watch.
type Execution struct {
	ID string
	// Task is what runs; it must not be changed.
	Task  *task.Task
	State State
	// Code says how it failed; OK when it hasn't.
	Code task.Code
	// Message is the error's text, which may quote arguments.
	Message  string
	Detached bool
	// Attempt counts how often it began to run.
	Attempt uint32
	// Overdue: it has ended, by a timeout or a cancel, and its function has not
	// returned since.
	Overdue bool
	// Submitted is when it was admitted. Started and Ended are zero until then.
	Submitted, Started, Ended time.Time
}

// Duration is how long the run took, or takes by now; zero if there was none.
func (x Execution) Duration() time.Duration {
	switch {
	case x.Started.IsZero():
		return 0
	case x.Ended.IsZero():
		return time.Since(x.Started)
	default:
		return x.Ended.Sub(x.Started)
	}
}

// Executions returns the tasks that have not ended, and those that are overdue,
// in no order. It looks at each of them, so it is not for hot paths.
func (s *Scheduler) Executions() []Execution {
	list := s.overdue.list()
	for _, e := range s.table.all() {
		if !e.awaited() {
			if x := e.describe(); !x.State.Ended() {
				list = append(list, x)
			}
		}
	}
	return list
}

func (e *execution) describe() Execution {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := Execution{
		ID: e.id, Task: e.task, State: e.state, Detached: e.pinned, Attempt: e.attempt, Overdue: e.overdue,
		Submitted: e.submitted, Started: e.started, Ended: e.ended,
	}
	if e.outcome.Err != nil {
		x.Code, x.Message = e.outcome.Err.Code, e.outcome.Err.Message
	}
	return x
}

// Admitted is how much of the limits is taken.
type Admitted struct {
	Tasks   int   // that have not ended, or whose function still runs
	Bytes   int64 // of their arguments
	Overdue int   // those among Tasks that have ended a while ago
}

// Admitted returns how much of the limits is taken now.
func (s *Scheduler) Admitted() Admitted {
	return Admitted{Tasks: int(s.room.tasks.Load()), Bytes: s.room.bytes.Load(), Overdue: s.overdue.len()}
}
