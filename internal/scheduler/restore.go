package scheduler

import (
	"context"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

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
	for i := range loaded {
		if !loaded[i].Letter {
			n++
		}
	}
	err = inParallel(loaded, func(l *queue.Loaded) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := &restoration{loaded: *l, decode: decode}
		*l = queue.Loaded{} // nobody else needs it
		if err := s.restore(ctx, r); err != nil {
			return fmt.Errorf("task %q: %w", r.loaded.ID, err)
		}
		return nil
	})
	return n, err
}

// restoration is a task that the queue has and the scheduler doesn't yet.
type restoration struct {
	loaded queue.Loaded
	gone   string // the node that it was kept by before; empty: this one
	decode func([]byte) (Request, error)
}

// restore goes on with a task that the queue has.
func (s *Scheduler) restore(ctx context.Context, r *restoration) error {
	l := &r.loaded
	if l.Letter {
		if s.config.KeptLetter == nil {
			return nil
		}
		return s.config.KeptLetter(*l)
	}
	for {
		e, busy := s.table.reserve(l.ID)
		ends := false
		if e != nil {
			busy, ends = s.joinTaken(e, l.Entry)
		}
		switch {
		case busy == nil && e != nil:
			return nil
		case busy == nil:
			return s.restoreReserved(ctx, r)
		case s.draining.Load():
			return nil // the next process has it
		case ends:
			s.contested.add(r)
			return nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return gone(ctx)
		}
	}
}

// restoreReserved is restore for an id that the caller has reserved, and frees it.
func (s *Scheduler) restoreReserved(ctx context.Context, r *restoration) error {
	e, err := s.placeRestored(ctx, r)
	s.table.free(r.loaded.ID)
	switch {
	case err != nil || e == nil:
		return err
	case s.config.Tasks.Lookup(e.task.Name) != e.task:
		s.park(e)
	default:
		s.startApart(e, len(e.dependencies.edges) > 0)
	}
	return nil
}

// placeRestored places a task that the queue has. It returns nil if the task is over,
// or another node's.
func (s *Scheduler) placeRestored(ctx context.Context, r *restoration) (*execution, error) {
	l := &r.loaded
	c, err := s.reclaim(ctx, l.ID, r.gone)
	switch {
	case err != nil:
		return nil, err
	case c.Ended: // the queue was not told any more
		s.config.Queue.Done(l.Entry)
		return nil, nil //nolint:nilnil // there is nothing to do
	case c.Holder != "":
		s.contested.add(r)
		return nil, nil //nolint:nilnil // there is nothing to do
	}
	request, err := r.decode(l.Request)
	if err == nil && request.Retry != nil {
		request.Retry, err = request.Retry.checked()
	}
	if err != nil {
		return nil, &unreadableError{err}
	}
	request.ID, request.RetryOf = l.ID, l.RetryOf
	if l.Due.After(request.StartAt) {
		request.StartAt = l.Due
	}
	request.restored = &kept{record: l.Record, entry: l.Entry, ready: make(chan struct{}), restored: true}
	close(request.restored.ready)
	return s.place(ctx, &request)
}

// reclaim makes the id of a task that the queue has this node's, if nodes share them.
// It was that of a process before this one, or of a node that is gone.
func (s *Scheduler) reclaim(ctx context.Context, id, gone string) (c store.Claim, err error) {
	if s.config.Claims != nil {
		return s.outcomes.take(ctx, id, gone)
	}
	c.Outcome, c.Ended, err = s.outcomes.get(ctx, id)
	return c, err
}

// An unreadableError says that what the queue has of a task is no request.
type unreadableError struct{ cause error }

func (e *unreadableError) Error() string { return e.cause.Error() }

func (e *unreadableError) Unwrap() error { return e.cause }

// takeUp gives e, which is not in the table yet, what a process before this one
// knew of it.
func (e *execution) takeUp(k *kept) {
	e.kept = k
	if k.restored {
		e.submitters, e.pinned = 0, true // its caller was another process's
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

// Strangers are the restored tasks whose methods are not there, as those of a plugin that
// fails to load.

// lookAgainAfter is how long a method may be there before its tasks go on.
const lookAgainAfter = time.Second

// park has e wait for its method, which is not there.
func (s *Scheduler) park(e *execution) {
	s.config.Logger.Warn("a task that was kept waits for its method, which is not there", "id", e.id, "method", e.task.Name)
	s.strangers.add(e)
}

// startKnown starts those whose methods have come, and hands over those that other nodes
// can run.
func (s *Scheduler) startKnown(waiting []*execution) (left []*execution) {
	for _, e := range waiting {
		switch t := s.config.Tasks.Lookup(e.task.Name); {
		case t == nil && !e.isDecided():
			left = append(left, e)
		case t != nil && s.recognise(e, t):
			s.startApart(e, len(e.dependencies.edges) > 0)
		}
	}
	if s.config.Others != nil {
		s.handOver(context.Background(), left)
	}
	return left
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

// methodName returns the name of the method of an e that may be recognised meanwhile.
func (e *execution) methodName() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.task.Name
}

func (e *execution) isDecided() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.decided
}
