package process

import (
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// A folderError is that a process had more in its folder than it may.
type folderError struct{ limit int64 }

func (e *folderError) Error() string {
	return fmt.Sprintf("it had more than %s in its working folder", mebibytes(e.limit))
}

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
		used := usage.bytes() + p.folderMemory.Load()
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

// watchFolder kills the process when it has too much in its folder, until over
// is closed.
func (p *Process) watchFolder(over <-chan struct{}) {
	limit := p.config.Limits.FolderBytes
	isMemory := inMemory(p.folder)
	if limit == sandbox.Unlimited && !isMemory {
		return
	}
	const (
		often  = 200 * time.Millisecond
		seldom = 2 * time.Second // much can be written in longer
		share  = 20              // of the time is spent looking, at most
	)
	timer := time.NewTimer(often)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-over:
			return
		}
		began := time.Now()
		enough := limit
		if enough == sandbox.Unlimited {
			enough = p.config.Limits.MemoryBytes
		}
		used, err := folderBytes(p.folder, processes(p.PID(), p.config.Limits.Programs), enough)
		if err != nil {
			p.Kill(err)
		}
		if isMemory {
			p.folderMemory.Store(used)
		}
		if limit != sandbox.Unlimited && used > limit {
			p.Kill(&folderError{limit: limit})
		}
		timer.Reset(min(max(often, share*time.Since(began)), seldom))
	}
}
