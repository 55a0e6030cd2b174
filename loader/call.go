package loader

import (
	"context"
	"errors"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/blame"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// restartPatience is how long a call waits for a plugin whose process has just died.
const restartPatience = 2 * time.Second

// tasksOf returns what goes to the registry for an instance.
func (s *supervisor) tasksOf(i *instance) []*task.Task {
	plugin := i.child.Describe()
	tasks := make([]*task.Task, len(plugin.Tasks))
	for at, info := range plugin.Tasks {
		name := i.names[at]
		tasks[at] = &task.Task{
			Name:          name,
			Async:         info.Async,
			Interruptible: true,
			Remote:        true,
			Source:        s.file,
			Signature:     info.Signature,
			Doc:           info.Doc,
			Plugin:        s.name,
			Version:       plugin.Version,
			PluginSHA256:  i.staged.SHA256,
			Run: func(ctx context.Context, args []task.Value) (task.Value, error) {
				return s.call(ctx, name, i, at, args)
			},
		}
	}
	return tasks
}

// call runs a task in the instance that serves now, which may be another one
// than the task was registered for: between the look-up and this call there may
// have been a reload. Only when the new one has no such task any more, the old
// one is asked, as long as it lives, for its task at.
func (s *supervisor) call(ctx context.Context, name string, registered *instance, at int, args []task.Value) (task.Value, error) {
	if until, refused := s.blame.Refused(name, args); refused {
		return task.Value{}, task.Errorf(task.FailedPrecondition, "plugin %s: its process died each time when %s was called "+
			"with these arguments; this call is refused until %s, or until the plugin is loaded anew",
			s.name, name, until.Format(time.RFC3339))
	}
	call := task.CallOf(ctx)
	info := process.CallInfo{TaskID: call.ID, Attempt: call.Attempt, Reporter: call.Reporter}
	patience := patience{limit: s.patience}
	defer patience.stop()
	for {
		i := s.current.Load()
		if i == nil {
			if err := s.await(ctx, nil, name, &patience); err != nil {
				return task.Value{}, err
			}
			continue
		}
		index, ok := at, true
		if i != registered {
			if index, ok = i.tasks[name]; !ok {
				i, index = registered, at
			}
		}
		if !i.enter() {
			if !ok {
				return task.Value{}, s.config.Tasks.NotFound(name)
			}
			continue // something else serves by now
		}
		value, err := i.child.Call(ctx, index, info, args)
		s.learn(i, name, args, err)
		i.leave()
		if err == nil || !ok || !errors.Is(err, process.ErrNotDelivered) || ctx.Err() != nil {
			return value, err
		}
		// The process is gone, but not known to be. Nothing was done yet: another one may do it.
		if s.await(ctx, i, name, &patience) != nil {
			return task.Value{}, err
		}
	}
}

// learn takes in how a call of an instance ended, for whom to blame for its crashes.
func (s *supervisor) learn(i *instance, name string, args []task.Value, err error) {
	switch {
	case err == nil:
		s.blame.Succeeded(name, args)
	case errors.Is(err, process.ErrExited) && !errors.Is(err, process.ErrNotDelivered):
		i.lose(blame.CallOf(name, args))
	}
}

// await waits until something else than i serves. It returns an error when that can't be
// expected, or patience or ctx ends.
func (s *supervisor) await(ctx context.Context, i *instance, name string, patience *patience) error {
	for {
		status, changed := s.status.get()
		if now := s.current.Load(); now != nil && now != i {
			return nil
		}
		switch status.State {
		case StateQuarantined:
			return task.Errorf(task.Unavailable, "plugin %s is in quarantine: its process died over and over", s.name)
		case StateUnloaded, StateFailed, stateEnded:
			return s.config.Tasks.NotFound(name)
		case StateLoading, StateServing, StateRestarting:
		}
		select {
		case <-changed:
		case <-patience.over():
			return task.Errorf(task.Unavailable, "plugin %s: its process died and is not back yet", s.name)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// patience is how long a call waits, from the first time that it has to.
type patience struct {
	limit time.Duration
	timer *time.Timer
}

func (p *patience) over() <-chan time.Time {
	if p.timer == nil {
		p.timer = time.NewTimer(p.limit)
	}
	return p.timer.C
}

func (p *patience) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}
