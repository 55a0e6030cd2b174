package loader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// A member is one process of a plugin. See [process.Process], which is one.
type member interface {
	Describe() library.Description
	Notes() []string
	PID() int
	Memory() int64
	Call(ctx context.Context, task int, info process.CallInfo, args []task.Value) (task.Value, error)
	Close(ctx context.Context)
	Health(ctx context.Context) error
	Kill(reason error)
	Exited() <-chan struct{}
	ExitError() error
}

// A group is the processes of an instance, between which its calls are spread.
// When one of them ends, the group is broken: it is to be replaced as a whole,
// while the others answer the calls that they have.
type group struct {
	members []member
	calls   []atomic.Int64 // in each member
	broken  chan struct{}
	exited  chan struct{}
	first   error // why the first one ended; set before broken is closed
}

// startGroup starts that many processes at the same time.
func startGroup(n int, start func() (member, error)) (*group, error) {
	g := &group{
		members: make([]member, n), calls: make([]atomic.Int64, n),
		broken: make(chan struct{}), exited: make(chan struct{}),
	}
	errs := make([]error, n)
	var starting sync.WaitGroup
	for i := range n {
		starting.Go(func() { g.members[i], errs[i] = start() })
	}
	starting.Wait()
	if err := errors.Join(errs...); err != nil {
		for i, m := range g.members {
			if errs[i] == nil {
				m.Kill(errors.New("another process of the plugin could not be started"))
				<-m.Exited()
			}
		}
		return nil, firstOf(errs)
	}
	go g.watch()
	return g, nil
}

// firstOf returns the first error: all are of the same file, and say the same.
func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// watch waits for the members' ends.
func (g *group) watch() {
	var once sync.Once
	var ended sync.WaitGroup
	for _, m := range g.members {
		ended.Go(func() {
			<-m.Exited()
			once.Do(func() {
				g.first = m.ExitError()
				close(g.broken)
			})
		})
	}
	ended.Wait()
	close(g.exited)
}

// Call makes a call in the member that has fewest.
func (g *group) Call(ctx context.Context, index int, info process.CallInfo, args []task.Value) (task.Value, error) {
	at := 0
	for i := range g.members[1:] {
		if g.calls[i+1].Load() < g.calls[at].Load() {
			at = i + 1
		}
	}
	g.calls[at].Add(1)
	defer g.calls[at].Add(-1)
	return g.members[at].Call(ctx, index, info, args)
}

func (g *group) Describe() library.Description { return g.members[0].Describe() }
func (g *group) Notes() []string               { return g.members[0].Notes() }
func (g *group) PID() int                      { return g.members[0].PID() }
func (g *group) Broken() <-chan struct{}       { return g.broken }
func (g *group) Exited() <-chan struct{}       { return g.exited }

// ExitError returns why the first member ended, once the group is broken.
func (g *group) ExitError() error {
	select {
	case <-g.broken:
		return g.first
	default:
		return nil
	}
}

// Memory returns what the members have resident together.
func (g *group) Memory() (sum int64) {
	for _, m := range g.members {
		sum += m.Memory()
	}
	return sum
}

// Processes tells of each member.
func (g *group) Processes() []Process {
	list := make([]Process, len(g.members))
	for i, m := range g.members {
		list[i] = Process{PID: m.PID(), MemoryBytes: m.Memory()}
	}
	return list
}

// Health asks each member for a sign of life.
func (g *group) Health(ctx context.Context) error {
	for _, m := range g.members {
		if err := m.Health(ctx); err != nil {
			return fmt.Errorf("process %d: %w", m.PID(), err)
		}
	}
	return nil
}

// Kill ends all members.
func (g *group) Kill(reason error) {
	for _, m := range g.members {
		m.Kill(reason)
	}
}

// Close has all members end at the same time, and returns when they have.
func (g *group) Close(ctx context.Context) {
	var closing sync.WaitGroup
	for _, m := range g.members {
		closing.Go(func() { m.Close(ctx) })
	}
	closing.Wait()
}
