package stats

import (
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// codes is how many codes are told apart: gRPC's.
const codes = 17

// A Method is what the executions of one method were like since the start.
type Method struct {
	Name string
	// ByCode counts the executions that ended by how they did: at task.OK those
	// that succeeded, at task.Cancelled those that were cancelled.
	ByCode [codes]uint64
	// Failed counts those that failed, Cancelled those that were cancelled.
	Failed, Cancelled uint64
	// Runs is how long those took that ran.
	Runs Histogram
}

// Calls is how many executions have ended.
func (m *Method) Calls() uint64 {
	var n uint64
	for _, count := range m.ByCode {
		n += count
	}
	return n
}

func (m *Method) add(x *scheduler.Execution) {
	code := x.Code
	switch x.State {
	case scheduler.Failed:
		m.Failed++
	case scheduler.Cancelled:
		m.Cancelled++
		code = task.Cancelled
	default: // it succeeded
	}
	if code >= codes {
		code = task.Internal
	}
	m.ByCode[code]++
	if !x.Started.IsZero() {
		m.Runs.add(x.Ended.Sub(x.Started))
	}
}
