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
	Message string
	// Labels are the client's own words for it. They must not be changed.
	Labels map[string]string
	// Caller is the one whose share of the limits it took: see [Request].
	Caller   string
	Detached bool
	// Attempt counts how often it began to run.
	Attempt uint32
	// MaxAttempts is how often it may run in all; 1 without a [RetryPolicy].
	MaxAttempts uint32
	// Deps are the tasks that must succeed first, in the request's order.
	Deps []string
	// RetryOf is the id of the task that it is another try of, if any.
	RetryOf string
	// Due is when it starts, or runs again; zero unless it waits for that.
	Due time.Time
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

// EachExecution calls visit with the tasks that have not ended, and those that are
// overdue, in no order. visit may copy what it is given, but not keep it. It looks at
// each task, so it is not for hot paths.
func (s *Scheduler) EachExecution(visit func(*Execution)) {
	overdue := s.overdue.list()
	for i := range overdue {
		visit(&overdue[i])
	}
	var few []*execution // of a shard, whose lock isn't held while they are visited
	for i := range s.table.shards {
		few = s.table.shards[i].appendTasks(few[:0])
		for _, e := range few {
			if x := e.describe(); !x.State.Ended() {
				visit(&x)
			}
		}
		clear(few)
	}
}

func (e *execution) describe() Execution {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := Execution{
		ID: e.id, Task: e.task, State: e.state, Detached: e.pinned, Attempt: e.attempt, Overdue: e.overdue,
		Labels: e.labels, Submitted: e.submitted, Started: e.started, Ended: e.ended,
	}
	if e.account != nil {
		x.Caller = e.account.name
	}
	x.Deps = idsOf(e.dependencies.edges)
	e.describeLaterLocked(&x)
	if e.outcome.Err != nil {
		x.Code, x.Message = e.outcome.Err.Code, e.outcome.Err.Message
	}
	return x
}

// labelsSize is about what labels take, in bytes.
func labelsSize(labels map[string]string) (n int) {
	const each = 64 // beside their texts
	for key, value := range labels {
		n += each + len(key) + len(value)
	}
	return n
}

// Size is about how many bytes x holds beside itself.
func (x *Execution) Size() int {
	const each = 16 // beside its text
	size := len(x.ID) + len(x.Message) + labelsSize(x.Labels)
	for _, id := range x.Deps {
		size += each + len(id)
	}
	return size
}

func (e *execution) describeLaterLocked(x *Execution) {
	x.MaxAttempts = 1
	l := e.later
	if l == nil {
		return
	}
	if l.policy != nil {
		x.MaxAttempts = l.policy.MaxAttempts
	}
	if x.RetryOf = l.retryOf; !e.state.Ended() {
		x.Due = l.until
	}
}

// Admitted is how much of the limits is taken.
type Admitted struct {
	Tasks    int   // that have not ended, or whose function still runs
	Bytes    int64 // of their arguments
	Overdue  int   // those among Tasks that have ended a while ago
	Starts   int   // those that wait for their time to start
	Backoffs int   // those that wait for another attempt
}

// Admitted returns how much of the limits is taken now.
func (s *Scheduler) Admitted() Admitted {
	return Admitted{
		Tasks: int(s.room.tasks.Load()), Bytes: s.room.bytes.Load(), Overdue: s.overdue.len(),
		Starts: s.times.starts.Len(), Backoffs: s.times.backoffs.Len(),
	}
}

// Retries is how many attempts failed and were not the last of their task.
func (s *Scheduler) Retries() uint64 { return s.retries.Load() }
