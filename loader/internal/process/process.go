package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
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
	calls   pending
	stderr  *stderrLog
	memory  atomic.Int64

	table   table
	methods []method   // of the table's tasks
	loaded  chan error // gets one: what became of loading

	closing atomic.Bool
	stuck   sync.Once
	exited  chan struct{}

	mu        sync.Mutex
	gone      bool  // there is no process any more that could be killed
	killed    error // why we killed it
	complaint error // what it has said wrong
	failure   error // why it ended; good once exited is closed
}

// Start starts a child process and waits until it has loaded its file and has
// answered once. ctx bounds the start only. An error names the plugin and tells
// what is wrong; nothing is left of the process then.
//
// The binary must have called [Main] before, so that a child gets to it.
func Start(ctx context.Context, config Config) (*Process, error) {
	if !linked.Load() {
		return nil, errors.New("host: this binary can't be a child: its main calls no loader/child.Main")
	}
	config = config.withDefaults()
	p := &Process{config: config, loaded: make(chan error, 1), exited: make(chan struct{})}
	ctx, cancel := context.WithTimeoutCause(ctx, config.LoadTimeout,
		fmt.Errorf("it did not load within %s", config.LoadTimeout))
	defer cancel()
	err := p.spawn()
	if err != nil {
		return nil, fmt.Errorf("plugin %s: starting its process: %w", config.Name, err)
	}
	if err = p.awaitLoad(ctx); err == nil {
		return p, nil
	}
	p.kill(err)
	<-p.exited
	return nil, fmt.Errorf("plugin %s: %w", config.Name, err)
}

// awaitLoad returns when the child has told its tasks and has answered once.
func (p *Process) awaitLoad(ctx context.Context) error {
	select {
	case err := <-p.loaded:
		if err != nil {
			return err
		}
	case <-p.exited:
		return p.loadFailure()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := p.ping(ctx)
	select {
	case <-p.exited:
		return p.loadFailure()
	default:
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (p *Process) loadFailure() error {
	select {
	case err := <-p.loaded: // what it said before it ended
		if err != nil {
			return err
		}
	default:
	}
	return fmt.Errorf("while loading, %w", p.ExitError())
}

// Describe tells what the file offers: tasks by names that are valid and unique,
// with signatures that are well formed or empty. Nothing in it must be written to.
func (p *Process) Describe() library.Description { return p.table.Description }

// Notes lists the protections that could not be applied, one sentence each.
func (p *Process) Notes() []string { return slices.Clone(p.table.notes) }

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
	s, err := p.calls.begin("")
	if err != nil {
		return err
	}
	if _, err := p.writer.Add(idFrame(framePing, s.id()), ctx.Done()); err != nil {
		p.calls.end(s)
		return cmp.Or(ctx.Err(), err)
	}
	select {
	case a := <-s.answer:
		p.calls.end(s)
		return a.err
	case <-ctx.Done():
		p.abandon(s)
		return ctx.Err()
	}
}

// abandon leaves a call whose answer does not matter any more.
func (p *Process) abandon(s *slot) {
	if p.calls.leave(s) {
		<-s.answer
		p.calls.end(s)
	}
}

// Close lets the library shut down and returns when the process is gone. It is
// killed when that takes longer than CloseGrace or when ctx ends. Calls in
// flight fail, so they should have ended before.
func (p *Process) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, p.config.CloseGrace)
	defer cancel()
	if !p.closing.Swap(true) {
		select {
		case <-p.writer.Idle():
		case <-p.exited:
		case <-ctx.Done():
		}
		p.writer.Fail(errClosed)
		_ = p.pipe.Close() // the child reads the end of the stream
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.kill(errors.New("it was closed and did not end in time"))
		<-p.exited
	}
}

// Kill ends the process at once, because of reason. It does not wait until it is
// gone; see Exited.
func (p *Process) Kill(reason error) { p.kill(reason) }

// Exited returns a channel that is closed when the process is gone and nothing
// is left of it.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// ExitError tells why the process ended, with the last lines of its standard
// error. It is nil while the process runs, and after Close went well.
func (p *Process) ExitError() error {
	select {
	case <-p.exited:
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failure
}

// kill ends the process because of reason. The first reason is the one that
// stays.
func (p *Process) kill(reason error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return
	}
	if p.killed == nil {
		p.killed = reason
	}
	killGroup(p.command.Process)
}

// suspect kills the process if it does not end by itself soon: its pipe has
// ended, which as a rule is the first that is seen of its own end.
func (p *Process) suspect(reason error) {
	const soon = 250 * time.Millisecond
	if !p.closing.Load() {
		time.AfterFunc(soon, func() { p.kill(reason) })
	}
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
		used := usage.bytes()
		p.memory.Store(used)
		next := seldom
		if limit != unlimited && used > limit/2 {
			next = often
		}
		if limit != unlimited && used > limit {
			p.kill(&memoryError{used: used, limit: limit})
		}
		timer.Reset(next)
	}
}
