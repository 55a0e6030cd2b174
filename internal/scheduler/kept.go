package scheduler

import (
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/task"
)

// kept is the result of a dependency, with which tasks wait that want it
// injected. It counts as an argument: once, however many wait with it.
type kept struct {
	result  string
	holders atomic.Int64
}

// keepLocked gives e the result of dependency i. After an error e must fail.
func (s *Scheduler) keepLocked(e *execution, i int, k *kept) *task.Error {
	e.keptBytes += len(k.result)
	if e.keptBytes > s.config.MaxResultBytes {
		return task.Errorf(task.ResourceExhausted,
			"the results of the dependencies have at least %d bytes; at most %d may be injected", e.keptBytes, s.config.MaxResultBytes)
	}
	e.kept[i] = k
	size := int64(len(k.result))
	if k.holders.Add(1) == 1 && s.admittedBytes.Add(size) > s.config.MaxPendingBytes {
		return errTooManyBytes()
	}
	return nil
}

// dropKept lets go of the results that e has, once nothing needs them nor adds
// to them any more.
func (s *Scheduler) dropKept(e *execution) {
	for _, k := range e.kept {
		if k != nil && k.holders.Add(-1) == 0 {
			s.admittedBytes.Add(-int64(len(k.result)))
		}
	}
	e.kept = nil
}
