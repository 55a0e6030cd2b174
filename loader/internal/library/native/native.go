// Package native runs plugins that are dynamic libraries, by the C ABI of
// abi/task_plugin.h. It is for the child process of a plugin: what a library
// does wrong ends the process that it is loaded into.
//
// Libraries are opened without cgo. A library stays mapped once it is open:
// the runtimes of Go and Rust, and threads, can't be taken out of a process.
package native

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/format"
	"github.com/taskscheduler/taskscheduler/task"
)

// pointer is how many bytes a pointer takes. The platforms that plugins are
// offered for have 8.
const pointer = int(unsafe.Sizeof(uintptr(0)))

// A dynamicLibrary is an open plugin. Call runs the library's function on the thread
// it is called on, so that calls run at the same time.
type dynamicLibrary struct {
	plugin   *abi.Plugin
	services library.Services
	calls    sync.Pool // of *call, for tasks that are not async
}

// Open opens the library and lets it initialise itself. Each process should
// open one: the ids of calls are the process's, and what a library logs outside
// of calls goes to the services of the one that was opened last.
func Open(path string, services library.Services) (library.Library, error) {
	path, err := filepath.Abs(path) // a bare name would be searched for in the system's folders
	if err != nil {
		return nil, err
	}
	if err := format.CheckLibrary(path); err != nil {
		return nil, err
	}
	handle, err := openLibrary(path)
	if err != nil {
		return nil, fmt.Errorf("the library can't be loaded: %w", format.Explain(path, systemLibc(), err))
	}
	initPlugin, err := findSymbol(handle, "init_plugin")
	if err != nil {
		return nil, format.NoInit(path)
	}
	l := &dynamicLibrary{services: services}
	l.calls.New = func() any { return &call{library: l} }
	opened.Store(l)
	table, _, _ := purego.SyscallN(initPlugin, theHost())
	guarded, err := newGuardedMemory()
	if err != nil {
		return nil, err
	}
	defer guarded.close()
	if l.plugin, err = abi.ReadPlugin(guarded, uint64(table), pointer); err != nil {
		return nil, err
	}
	for i, run := range l.plugin.Run {
		if run == 0 {
			return nil, fmt.Errorf("task %d: %s has no function", i+1, l.plugin.Tasks[i].Name)
		}
	}
	return l, nil
}

// Describe implements [library.Library].
func (l *dynamicLibrary) Describe() library.Description { return l.plugin.Description }

// Call implements [library.Library]. It returns when the library's function does.
func (l *dynamicLibrary) Call(c *library.Call, done func(library.Status, task.Value)) {
	async := l.plugin.Tasks[c.Task].Async
	var p *call
	if async {
		p = &call{library: l} // may be the library's beyond this function: never used again
	} else {
		p = l.calls.Get().(*call) //nolint:forcetypeassert // it holds nothing else
	}
	p.prepare(c, async, done)
	if !running.add(p) {
		done(abi.Failuref("call %d is running already", c.ID))
		return
	}
	result, _, _ := purego.SyscallN(uintptr(l.plugin.Run[c.Task]), p.arguments[:]...)
	status := int32(result)
	if async && status == abi.Pending {
		runtime.KeepAlive(p) // finish may have come already, and nobody else hold it
		return
	}
	if running.take(c.ID) == nil { // finish was faster: what is returned now comes too late
		l.release(p)
		return
	}
	answer, v := p.outcome(status)
	l.release(p)
	if !async {
		p.forget()
		l.calls.Put(p)
	}
	done(answer, v)
}

// outcome says what a returned status and the call's output come to.
func (p *call) outcome(status int32) (library.Status, task.Value) {
	if status == abi.Pending {
		return abi.Failuref("the task returned TASK_PENDING without being TASK_ASYNC")
	}
	return abi.Outcome(memory{}, status, address(&p.output))
}

// release lets the library free what a returned output points to.
func (l *dynamicLibrary) release(p *call) {
	if l.plugin.Release != 0 && p.output != [3]uint64{} {
		purego.SyscallN(uintptr(l.plugin.Release), uintptr(address(&p.output)))
	}
	runtime.KeepAlive(p)
}

// Cancel implements [library.Library].
func (l *dynamicLibrary) Cancel(id uint64) { running.cancel(id) }

// Close implements [library.Library]. Async calls that the library leaves
// unfinished are cancelled.
func (l *dynamicLibrary) Close() {
	if l.plugin.Shutdown != 0 {
		purego.SyscallN(uintptr(l.plugin.Shutdown))
	}
	for _, p := range running.unfinished(l) {
		p.done(library.Cancelled, task.Null())
	}
}
