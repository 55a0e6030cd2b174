package process

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

// A Process is a child process that has loaded a plugin's file. Its methods may
// be called from many goroutines at a time.
type Process struct {
	config  Config
	command *exec.Cmd
	folder  string // the working folder
	frames  *os.File
	pipe    *os.File // to the child
	writer  *coalesce.Writer
	calls   pendingCalls
	log     *pluginLog
	memory  atomic.Int64
	// folderMemory is what of it is files in the folder.
	folderMemory atomic.Int64
	clones       *cloneGuard

	greeting frame.Greeting
	methods  []method   // of its tasks
	loaded   chan error // gets one: what became of loading

	closing atomic.Bool
	stuck   sync.Once
	exited  chan struct{}

	mu        sync.Mutex
	gone      bool  // there is no process any more that could be killed
	killed    error // why we killed it
	complaint error // what it has said wrong
	failure   error // why it ended; good once exited is closed
}

// Describe tells what the file offers: tasks by names that are valid and unique,
// with signatures that are well formed or empty. Nothing in it must be written to.
func (p *Process) Describe() library.Description { return p.greeting.Description }

// Notes lists the protections that could not be applied, one sentence each.
func (p *Process) Notes() []string { return slices.Clone(p.greeting.Notes) }

// PID returns the process's id.
func (p *Process) PID() int { return p.command.Process.Pid }

// Memory returns how many bytes the process has resident, as of a moment ago,
// or 0 where that is not known.
func (p *Process) Memory() int64 { return p.memory.Load() }

// Health returns nil once the process has answered, or an error when ctx ends
// before that. It asks the process, not the library, which may be busy.
func (p *Process) Health(ctx context.Context) error {
	if err := p.ping(ctx); err != nil {
		return fmt.Errorf("plugin %s: %w", p.config.Name, err)
	}
	return nil
}

func (p *Process) ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // the answer may be there as soon as it is asked
	}
	s, err := p.calls.begin(CallInfo{})
	if err != nil {
		return err
	}
	if _, err := p.writer.Add(frame.OfID(frame.Ping, s.id()), ctx.Done); err != nil {
		p.calls.free(s)
		return cmp.Or(ctx.Err(), err)
	}
	select {
	case a := <-s.answer:
		p.calls.free(s)
		return a.err
	case <-ctx.Done():
		p.abandon(s)
		return ctx.Err()
	}
}

// abandon leaves a call whose answer does not matter any more.
func (p *Process) abandon(s *pendingCall) {
	if p.calls.leave(s) {
		<-s.answer
		p.calls.free(s)
	}
}
