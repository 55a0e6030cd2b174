package process

import (
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// watchMemory keeps Memory up to date and kills the process when it has too
// much, until over is closed.
func (p *Process) watchMemory(over <-chan struct{}) {
	usage := openMemoryUsage(p.PID())
	if usage == nil {
		return
	}
	defer usage.close()
	limit := p.config.Limits.MemoryBytes
	const often, seldom = 10 * time.Millisecond, 100 * time.Millisecond
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-over:
			return
		}
		used := usage.bytes()
		p.memory.Store(used)
		next := seldom
		if limit != sandbox.Unlimited && used > limit/2 {
			next = often
		}
		if limit != sandbox.Unlimited && used > limit {
			p.Kill(&memoryError{used: used, limit: limit})
		}
		timer.Reset(next)
	}
}
