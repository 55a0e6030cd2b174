package scheduler

import (
	"math"
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/task"
)

// room is what the tasks that have not ended take of the Config's limits. Half
// of it is kept for those that could run, and some for other callers than those
// who have much.
type room struct {
	maxTasks, maxBytes, maxEdges int64

	tasks        atomic.Int64 // that have not ended, or whose function still runs
	bytes        atomic.Int64 // of their arguments
	waiting      atomic.Int64 // tasks that wait for dependencies, their time or another attempt
	waitingBytes atomic.Int64
	edges        atomic.Int64 // dependencies that are waited for

	accounts accounts
}

const (
	// edgesPerTask bounds the dependencies that all waiting tasks have together
	// to this many times MaxPending: about 80 bytes each, and 500 where nobody
	// has submitted the id.
	edgesPerTask = 10
	// shareOfFree is how many times what is free a caller may have: alone, four
	// fifths of all; beside another one that has those, four fifths of the rest.
	shareOfFree = 4
)

func (r *room) init(tasks int, bytes int64) {
	r.maxTasks, r.maxBytes, r.maxEdges = int64(tasks), bytes, int64(tasks)*edgesPerTask
	r.accounts.init()
}

// half is how much of a limit those that wait may have; of one, that one.
func half(limit int64) int64 { return limit - limit/2 }

// admit makes room for e. waits: it has dependencies to wait for.
func (r *room) admit(e *execution, waits bool) error {
	err := r.take(e)
	if err == nil && waits {
		if err = r.takeWaiting(e); err != nil {
			r.vacate(e)
		}
	}
	return err
}

func (r *room) take(e *execution) error {
	tasks, bytes := r.tasks.Add(1), r.bytes.Add(e.size)
	mine, mineBytes := e.account.add(1, e.size)
	var err error
	switch {
	case tasks > r.maxTasks:
		err = task.Errorf(task.ResourceExhausted, "%d tasks have not ended, the most that the server takes; try again later", tasks-1)
	case bytes > r.maxBytes:
		err = errTooManyBytes()
	case mine > share(r.maxTasks, tasks-1):
		err = task.Errorf(task.ResourceExhausted,
			"%d tasks of this client have not ended, its share of the %d that the server takes; try again later", mine-1, r.maxTasks)
	case mineBytes > e.size && mineBytes > share(r.maxBytes, bytes-e.size):
		err = task.Errorf(task.ResourceExhausted,
			"the arguments of this client's tasks that have not ended hold its share of the bytes that they may; try again later")
	}
	if err != nil {
		r.vacate(e)
	}
	return err
}

// share is how much of a limit a caller may have when so much of it is taken.
func share(limit, taken int64) int64 {
	return max(1, shareOfFree*min(limit-taken, math.MaxInt64/shareOfFree))
}

// wait counts e among those that wait, however many they are.
func (r *room) wait(e *execution) (tasks, bytes int64) {
	return r.waiting.Add(1), r.waitingBytes.Add(e.size)
}

// takeWaiting makes room for e among those that wait.
func (r *room) takeWaiting(e *execution) error {
	tasks, bytes := r.wait(e)
	if tasks <= half(r.maxTasks) && bytes <= max(half(r.maxBytes), e.size) {
		return nil
	}
	r.stopWaiting(e)
	return task.Errorf(task.ResourceExhausted,
		"%d tasks wait for their dependencies or their time, as many as may: the rest is for those that can run; try again later", tasks-1)
}

// stopWaiting gives back what e had among those that wait.
func (r *room) stopWaiting(e *execution) {
	r.waiting.Add(-1)
	r.waitingBytes.Add(-e.size)
}

// force is admit for a task that can't be refused.
func (r *room) force(e *execution, waits bool) {
	r.tasks.Add(1)
	r.bytes.Add(e.size)
	e.account.add(1, e.size)
	if waits {
		r.waiting.Add(1)
		r.waitingBytes.Add(e.size)
	}
}

// vacate gives back the room that e had.
func (r *room) vacate(e *execution) {
	e.account.add(-1, -e.size)
	r.bytes.Add(-e.size)
	r.tasks.Add(-1)
}

// takeEdges makes room for so many dependencies of e.
func (r *room) takeEdges(e *execution, n int64) error {
	edges, mine := r.edges.Add(n), e.account.addEdges(n)
	if edges <= r.maxEdges && (mine == n || mine <= share(r.maxEdges, edges-n)) {
		return nil
	}
	r.giveEdges(e, n)
	return task.Errorf(task.ResourceExhausted, "too many dependencies are being waited for; try again later")
}

// forceEdges is takeEdges for a task that can't be refused.
func (r *room) forceEdges(e *execution, n int64) {
	r.edges.Add(n)
	e.account.addEdges(n)
}

func (r *room) giveEdges(e *execution, n int64) {
	e.account.addEdges(-n)
	r.edges.Add(-n)
}

func errTooManyBytes() *task.Error {
	return task.Errorf(task.ResourceExhausted,
		"the arguments of tasks that have not ended hold all bytes that they may; try again later")
}
