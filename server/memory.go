package server

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/budget"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/internal/stats"
)

// Shares of the memory that budgets divide, in percent, and what they need at
// the most.
const (
	resultPercent, mostResults  = 42, 1 << 30
	pendingPercent, mostPending = 42, 1 << 30
	bodyPercent, mostBodies     = 10, 256 << 20
	logPercent, mostLogs        = 4, 128 << 20
	letterPercent, mostLetters  = 2, 64 << 20
)

// divideMemory gives each budget that isn't set its share.
func (c *Config) divideMemory(available int64) {
	c.ResultMemory = cmp.Or(c.ResultMemory, budget.Share(available, resultPercent, mostResults))
	c.MaxPendingBytes = cmp.Or(c.MaxPendingBytes, budget.Share(available, pendingPercent, mostPending))
	c.MaxBodyBytesInFlight = cmp.Or(c.MaxBodyBytesInFlight, budget.Share(available, bodyPercent, mostBodies))
	c.TaskLogMemory = cmp.Or(c.TaskLogMemory, budget.Share(available, logPercent, mostLogs))
	c.DeadLetterMemory = cmp.Or(c.DeadLetterMemory, budget.Share(available, letterPercent, mostLetters))
}

func (c *Config) memoryBudget() int64 {
	return c.ResultMemory + c.MaxPendingBytes + c.MaxBodyBytesInFlight + c.TaskLogMemory + c.DeadLetterMemory
}

// mostHistory bounds what operators can look back on: those who look have every ended
// task looked at.
const mostHistory = 1_000_000

func (c *Config) checkHistory() error {
	for name, kept := range map[string]int{
		"Config.HistoryCapacity": c.HistoryCapacity, "Config.HistoryFailures": c.HistoryFailures,
	} {
		if kept > mostHistory {
			return fmt.Errorf("%s %d: operators can look back on at most %d ended tasks", name, kept, mostHistory)
		}
	}
	return nil
}

// MemoryNeed returns how many bytes of memory the server takes at the most, by
// its budgets: a program that has no other use for memory sets the garbage
// collector's limit to it. Plugins are processes of their own.
func (s *Server) MemoryNeed() int64 {
	return budget.Need(s.config.memoryBudget() + s.config.moreHistory())
}

// moreHistory is how many bytes of memory what operators can look back on may take
// beyond what it takes by default, which is among the server's own needs.
func (c *Config) moreHistory() int64 {
	byDefault := Config{}
	setting.Fill(&byDefault)
	more := c.HistoryCapacity + c.HistoryFailures - byDefault.HistoryCapacity - byDefault.HistoryFailures
	return int64(max(more, 0)) * stats.MostBytes
}

// newBodies returns the budget for the bodies that are being read. What a burst
// of large ones has left behind goes back to the system a moment later: the
// collector goes by what is allocated, and after a burst nothing may be.
func (s *Server) newBodies() *rpc.Bodies {
	bodies := rpc.NewBodies(s.config.MaxBodyBytesInFlight)
	bodies.WhenGone(func() {
		time.AfterFunc(time.Second, func() { // by then their handlers have returned
			runtime.GC() // a sync.Pool lets go of what it has at the second one
			debug.FreeOSMemory()
		})
	})
	return bodies
}
