package loader

import (
	"context"
	"errors"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// restartPatience is how long a call waits for a plugin whose process has just died.
const restartPatience = 2 * time.Second

// tasks returns what goes to the registry for g.
func (p *plugin) tasks(g *generation) []*task.Task {
	infos := g.process.Tasks()
	tasks := make([]*task.Task, len(infos))
	for i, info := range infos {
		name := p.taskName(info)
		tasks[i] = &task.Task{
			Name:          name,
			Async:         info.Async,
			Interruptible: true,
			Source:        p.file,
			Run: func(ctx context.Context, args []task.Value) (task.Value, error) {
				return p.call(ctx, name, g, args)
			},
		}
	}
	return tasks
}

func (p *plugin) taskName(info TaskInfo) string { return p.name + "::" + info.Name }

// call runs a task in the generation that serves now, which may be another one
// than the task was registered for: between the look-up and this call there may
// have been a reload. Only when the new one has no such task any more, the old
// one is asked, as long as it lives.
func (p *plugin) call(ctx context.Context, name string, registered *generation, args []task.Value) (task.Value, error) {
	call := task.CallOf(ctx)
	info := process.CallInfo{TaskID: call.ID, Attempt: call.Attempt}
	var patience patience
	defer patience.stop()
	for {
		g := p.current.Load()
		if g == nil {
			if err := p.await(ctx, nil, name, &patience); err != nil {
				return task.Value{}, err
			}
			continue
		}
		index, ok := g.index[name]
		if !ok {
			g, index = registered, registered.index[name]
		}
		if !g.enter() {
			if !ok {
				return task.Value{}, notFound(name)
			}
			continue // something else serves by now
		}
		value, err := g.process.Call(ctx, index, info, args)
		g.leave()
		if err == nil || !ok || !errors.Is(err, process.ErrNotDelivered) || ctx.Err() != nil {
			return value, err
		}
		// The process is gone, but not known to be. Nothing was done yet: another one may do it.
		if p.await(ctx, g, name, &patience) != nil {
			return task.Value{}, err
		}
	}
}

// await waits until something else than g serves. It returns an error when that can't be
// expected, or patience or ctx ends.
func (p *plugin) await(ctx context.Context, g *generation, name string, patience *patience) error {
	for {
		state, changed := p.look()
		if now := p.current.Load(); now != nil && now != g {
			return nil
		}
		switch state {
		case StateQuarantined:
			return task.Errorf(task.Unavailable, "plugin %s is in quarantine: its process died over and over", p.name)
		case StateUnloaded, StateFailed:
			return notFound(name)
		case StateLoading, StateServing, StateRestarting:
		}
		select {
		case <-changed:
		case <-patience.over():
			return task.Errorf(task.Unavailable, "plugin %s: its process died and is not back yet", p.name)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// notFound is what the scheduler says of a task that is not in the registry.
func notFound(name string) error { return task.Errorf(task.NotFound, "Method not found: %s", name) }

// patience is restartPatience, from the first time that it is needed.
type patience struct{ timer *time.Timer }

func (p *patience) over() <-chan time.Time {
	if p.timer == nil {
		p.timer = time.NewTimer(restartPatience)
	}
	return p.timer.C
}

func (p *patience) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}
