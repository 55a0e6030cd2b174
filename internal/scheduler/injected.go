package scheduler

import (
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/task"
)

// injected is the result of a dependency, held by the tasks that want it as an
// argument. It counts as one: once, however many hold it.
type injected struct {
	result  string
	holders atomic.Int64
}

// injectLocked gives e the result of dependency i. After an error e must fail.
func (s *Scheduler) injectLocked(e *execution, i int, r *injected) *task.Error {
	e.injectedBytes += len(r.result)
	if e.injectedBytes > s.config.MaxResultBytes {
		return task.Errorf(task.ResourceExhausted,
			"the results of the dependencies have at least %d bytes; at most %d may be injected", e.injectedBytes, s.config.MaxResultBytes)
	}
	e.injected[i] = r
	size := int64(len(r.result))
	if r.holders.Add(1) == 1 && s.room.bytes.Add(size) > s.config.MaxPendingBytes {
		return errTooManyBytes()
	}
	return nil
}

// dropInjected lets go of the results that e has.
func (s *Scheduler) dropInjected(e *execution) {
	for _, r := range e.injected {
		if r != nil && r.holders.Add(-1) == 0 {
			s.room.bytes.Add(-int64(len(r.result)))
		}
	}
	e.injected = nil
}

// argumentsLocked returns e's arguments, with the injected results before them.
func (e *execution) argumentsLocked() []task.Value {
	if len(e.injected) == 0 {
		return e.args
	}
	args := make([]task.Value, 0, len(e.injected)+len(e.args))
	for _, r := range e.injected {
		args = append(args, task.String(r.result))
	}
	return append(args, e.args...)
}
