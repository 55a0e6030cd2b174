package scheduler

import (
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// Queued is what waits and runs of a method.
type Queued struct {
	Task *task.Task
	// Pending are the tasks that have not begun or wait to run again; Starts and
	// Backoffs of those wait for their time.
	Pending, Starts, Backoffs int
	// Running are those that run. Overdue are not among them: they have ended.
	Running, Overdue int
	// Oldest is when the pending one was submitted that has waited for longest.
	Oldest time.Time
}

// Queued counts the tasks that have not ended by method, in no order. It looks at
// each of them, but costs less than [Scheduler.EachExecution].
func (s *Scheduler) Queued() []Queued {
	byName := make(map[string]*Queued)
	of := func(t *task.Task) *Queued {
		q := byName[t.Name]
		if q == nil {
			q = &Queued{Task: t}
			byName[t.Name] = q
		}
		return q
	}
	var few []*execution // of a shard, whose lock isn't held while they are counted
	for i := range s.table.shards {
		few = s.table.shards[i].appendTasks(few[:0])
		for _, e := range few {
			e.countIn(of)
		}
		clear(few)
	}
	for _, x := range s.overdue.list() {
		of(x.Task).Overdue++
	}
	list := make([]Queued, 0, len(byName))
	for _, q := range byName {
		list = append(list, *q)
	}
	return list
}

// countIn counts e, unless it has ended.
func (e *execution) countIn(of func(*task.Task) *Queued) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch e.state {
	case Running:
		of(e.task).Running++
	case Pending:
		q := of(e.task)
		q.Pending++
		if q.Oldest.IsZero() || e.submitted.Before(q.Oldest) {
			q.Oldest = e.submitted
		}
		switch {
		case e.later == nil || e.later.until.IsZero():
		case e.startsLater():
			q.Starts++
		default:
			q.Backoffs++
		}
	default: // it has ended
	}
}
