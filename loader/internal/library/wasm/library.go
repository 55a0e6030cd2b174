package wasm

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
	"github.com/taskscheduler/taskscheduler/task"
)

const (
	// maxInstances is how many calls run at a time; others wait. An async task
	// that waits takes an instance as long as it does.
	maxInstances = 256
	// maxIdle is how many instances are kept for calls to come.
	maxIdle = 16
	// closeGrace is how long Close waits for calls that it stopped.
	closeGrace = time.Second
)

// A wasmLibrary is a compiled module with its instances.
type wasmLibrary struct {
	runtime  wazero.Runtime
	module   wazero.CompiledModule
	plugin   *abi.Plugin
	services library.Services
	places   chan struct{} // one in it for each call that has an instance or waits for memory
	memory   *budget

	mu    sync.Mutex
	idle  []*instance
	calls map[uint64]*call
}

func newLibrary(r wazero.Runtime, services library.Services) *wasmLibrary {
	return &wasmLibrary{
		runtime:  r,
		services: services,
		places:   make(chan struct{}, maxInstances),
		memory:   newBudget(),
		calls:    make(map[uint64]*call),
	}
}

// Describe implements [library.Library].
func (l *wasmLibrary) Describe() library.Description { return l.plugin.Description }

// Call implements [library.Library]. It returns when the call has ended.
func (l *wasmLibrary) Call(c *library.Call, done func(library.Status, task.Value)) {
	r := newCall(c, l.plugin.Tasks[c.Task].Async)
	if !l.add(r) {
		done(abi.Failuref("call %d is running already", c.ID))
		return
	}
	status, v := l.run(r)
	l.remove(r)
	done(status, v)
}

// run runs a call as soon as there is an instance for it.
func (l *wasmLibrary) run(r *call) (library.Status, task.Value) {
	select {
	case l.places <- struct{}{}:
		defer func() { <-l.places }()
	case <-r.cancelled:
		return library.Cancelled, task.Null()
	}
	in, err := l.instance(r)
	switch {
	case err != nil && r.isCancelled():
		return library.Cancelled, task.Null()
	case err != nil:
		return abi.Failuref("no instance of the module: %v", err)
	}
	status, v := in.run(r)
	l.keep(in)
	return status, v
}

// Cancel implements [library.Library].
func (l *wasmLibrary) Cancel(id uint64) {
	l.mu.Lock()
	r := l.calls[id]
	l.mu.Unlock()
	if r != nil {
		r.cancel()
	}
}

// Close implements [library.Library]. Calls that run are stopped.
func (l *wasmLibrary) Close() {
	l.mu.Lock()
	for _, r := range l.calls {
		r.cancel()
		r.stop()
	}
	l.mu.Unlock()
	timeout := time.NewTimer(closeGrace)
	defer timeout.Stop()
	for range maxInstances {
		select {
		case l.places <- struct{}{}:
		case <-timeout.C: // what still runs must not lose its memory; the process ends soon
			return
		}
	}
	for in := l.takeIdle(); in != nil; in = l.takeIdle() {
		in.close()
	}
	_ = l.runtime.Close(context.Background())
}

func (l *wasmLibrary) add(r *call) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls[r.host.ID] != nil {
		return false
	}
	l.calls[r.host.ID] = r
	return true
}

func (l *wasmLibrary) remove(r *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, r.host.ID)
}

// instance returns an instance that runs nothing: the one that was used last,
// whose memory is in the processor's caches, or a new one. Where there is no memory
// for that, the call waits for an instance that others use.
func (l *wasmLibrary) instance(r *call) (*instance, error) {
	for {
		if in := l.takeIdle(); in != nil {
			return in, nil
		}
		in, err := newInstance(l)
		if !errors.Is(err, errNoMemory) || l.memory.empty() {
			return in, err
		}
		select {
		case <-l.memory.returned:
		case <-r.cancelled:
			return nil, err
		}
	}
}

func (l *wasmLibrary) takeIdle() *instance {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.idle) - 1
	if last < 0 {
		return nil
	}
	in := l.idle[last]
	l.idle = slices.Delete(l.idle, last, last+1)
	return in
}

// keep puts an instance aside for calls to come, unless it is broken, too large or
// one too many.
func (l *wasmLibrary) keep(in *instance) {
	l.mu.Lock()
	kept := !in.broken && !in.bloated() && len(l.idle) < maxIdle
	if kept {
		l.idle = append(l.idle, in)
	}
	l.mu.Unlock()
	if !kept {
		in.close()
	}
	l.memory.notify()
}
