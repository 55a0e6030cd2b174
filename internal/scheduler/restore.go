package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/task"
)

// restorers is how many tasks are restored at a time: for each the store is asked.
const restorers = 32

// Restore submits what the queue has kept from processes before this one, and
// returns how many tasks that are. decode makes a request of what a [Source] has
// encoded. It is called once, before anything is submitted.
//
// Nothing of this is refused: it was accepted. A task whose method isn't there
// waits until it is.
func (s *Scheduler) Restore(ctx context.Context, decode func([]byte) (Request, error)) (n int, err error) {
	loaded, err := s.config.Queue.Load()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan queue.Loaded)
	var all sync.WaitGroup
	for range min(restorers, len(loaded)) {
		all.Go(func() {
			for l := range next {
				if err := s.restore(ctx, &l, decode); err != nil && ctx.Err() == nil {
					cancel(fmt.Errorf("task %q: %w", l.ID, err))
				}
			}
		})
	}
	for i := range loaded {
		if ctx.Err() != nil {
			break
		}
		if !loaded[i].Letter {
			n++
		}
		next <- loaded[i]
		loaded[i] = queue.Loaded{}
	}
	close(next)
	all.Wait()
	return n, context.Cause(ctx)
}

func (s *Scheduler) restore(ctx context.Context, l *queue.Loaded, decode func([]byte) (Request, error)) error {
	if l.Letter {
		if s.config.KeptLetter == nil {
			return nil
		}
		return s.config.KeptLetter(*l)
	}
	_, ended, err := s.outcomes.get(ctx, l.ID)
	switch {
	case err != nil:
		return err
	case ended: // the queue was not told any more
		s.config.Queue.Done(l.Entry)
		return nil
	}
	request, err := decode(l.Request)
	if err != nil {
		return err
	}
	request.ID = l.ID
	if l.Due.After(request.StartAt) {
		request.StartAt = l.Due
	}
	if request.Retry != nil {
		if request.Retry, err = request.Retry.checked(); err != nil {
			return err
		}
	}
	request.restored = &kept{record: l.Record, entry: l.Entry, ready: make(chan struct{}), restored: true}
	close(request.restored.ready)
	e, err := s.place(ctx, &request)
	if err != nil {
		return err
	}
	if s.config.Tasks.Lookup(request.Method) != e.task {
		s.strangers.add(s, e)
		return nil
	}
	s.startApart(e, len(request.Deps) > 0)
	return nil
}

// takeUp gives e, which is not in the table yet, what a process before this one
// knew of it.
func (e *execution) takeUp(k *kept) {
	e.kept = k
	if k.restored {
		e.submitted, e.attempt = k.record.Submitted, k.record.Attempt
		k.record = queue.Record{}
	}
}

func (e *execution) isRestored() bool { return e.kept != nil && e.kept.restored }

// stranger returns what stands in the place of a method that isn't there.
func stranger(method string) *task.Task {
	return &task.Task{Name: method, Source: "(not there yet)", Run: func(context.Context, []task.Value) (task.Value, error) {
		return task.Value{}, task.Errorf(task.NotFound, "Method not found: %s", method)
	}}
}

// strangers are the restored tasks whose methods are not there, as those of a
// plugin that fails to load.
type strangers struct {
	mu         sync.Mutex
	executions []*execution
	timer      *time.Timer
}

// lookAgainAfter is how long a method may be there before its tasks go on.
const lookAgainAfter = time.Second

func (s *strangers) add(scheduler *Scheduler, e *execution) {
	scheduler.config.Logger.Warn("a task that was kept waits for its method, which is not there", "id", e.id, "method", e.task.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.executions = append(s.executions, e)
	s.armLocked(scheduler)
}

func (s *strangers) armLocked(scheduler *Scheduler) {
	if s.timer == nil && !scheduler.draining.Load() {
		s.timer = time.AfterFunc(lookAgainAfter, func() { s.look(scheduler) })
	}
}

// look starts those whose methods have come.
func (s *strangers) look(scheduler *Scheduler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = nil
	waiting := s.executions
	s.executions = nil
	for _, e := range waiting {
		switch t := scheduler.config.Tasks.Lookup(e.task.Name); {
		case t == nil && !e.isDecided():
			s.executions = append(s.executions, e)
		case t != nil && scheduler.recognise(e, t):
			scheduler.startApart(e, len(e.dependencies.edges) > 0)
		}
	}
	if len(s.executions) > 0 {
		s.armLocked(scheduler)
	}
}

// stop ends the looking, for good once the scheduler is draining.
func (s *strangers) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// recognise gives e, which has not been started, its method; it doesn't if e has
// ended.
func (s *Scheduler) recognise(e *execution, t *task.Task) bool {
	sh := s.table.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.decided {
		return false
	}
	e.task = t
	return true
}

func (e *execution) isDecided() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.decided
}
