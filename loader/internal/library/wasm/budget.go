package wasm

import (
	"math"
	"runtime/debug"
	"sync"
)

// A budget is how much memory the instances of a process may have together. It is
// made of what the process may have at all, which its Go runtime knows: the rest is
// for that. A process that took more would be killed, with everybody's calls.
type budget struct {
	process int64 // what the process may have; math.MaxInt64: as much as it likes
	most    int64 // what the instances may have of it

	mu       sync.Mutex
	used     int64
	told     int64         // what used was when Go's runtime was told its share
	returned chan struct{} // gets one when something was given back
}

// told steps are worth telling Go's runtime, which stops for it.
const toldStep = 16 << 20

func newBudget() *budget {
	const noChange = -1
	b := &budget{process: debug.SetMemoryLimit(noChange), returned: make(chan struct{}, maxInstances)}
	b.most = b.process
	if b.process != math.MaxInt64 {
		b.most = b.process / 4 * 3
	}
	return b
}

// take takes n bytes, or tells that there are not so many left.
func (b *budget) take(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.most-b.used {
		return false
	}
	b.used += n
	b.tell()
	return true
}

func (b *budget) give(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.tell()
	b.notify()
}

// notify wakes a call that waits for memory.
func (b *budget) notify() {
	select {
	case b.returned <- struct{}{}:
	default: // enough to wake all that there can be
	}
}

// empty tells that no instance has memory: waiting for some is of no use.
func (b *budget) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used == 0
}

// tell has Go's runtime keep to what the instances leave: their memory is none of
// its own, and it would not collect in time.
func (b *budget) tell() {
	change := b.used - b.told
	if b.process == math.MaxInt64 || -toldStep < change && change < toldStep {
		return
	}
	b.told = b.used
	debug.SetMemoryLimit(b.process - b.used)
}
