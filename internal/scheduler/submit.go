package scheduler

import (
	"context"
	"errors"

	"github.com/taskscheduler/taskscheduler/task"
)

// Submit admits a task. Detached, it returns at once; otherwise when the task
// has ended, with its outcome, whatever that is, or when ctx has: then the
// task is cancelled and its id free again, unless someone else waits for it.
//
// An id that is known already starts nothing: the answer is the outcome of the
// task that has it.
//
// The error is a [task.Error]: a refusal, after which the id is as unknown as
// before, or ctx's end.
func (s *Scheduler) Submit(ctx context.Context, request Request) (Receipt, error) {
	if ctx.Err() != nil {
		return Receipt{}, gone(ctx)
	}
	if err := s.check(&request); err != nil {
		return Receipt{}, err
	}
	t := s.config.Tasks.Lookup(request.Method)
	if t == nil {
		if receipt, known, err := s.Join(ctx, request.ID, request.Detached); known {
			return receipt, err
		}
		return Receipt{}, MethodNotFound(request.Method)
	}
	fresh := request.ID == ""
	for {
		e := newExecution(&request, t)
		found, err := s.place(e, &request, fresh)
		switch {
		case err != nil:
			return Receipt{}, err
		case found == nil:
			return s.launch(ctx, e, &request)
		}
		if receipt, ok, err := s.join(ctx, found, request.Detached); ok {
			return receipt, err
		}
	}
}

// MethodNotFound is the error for a method that is not registered.
func MethodNotFound(method string) *task.Error {
	if method == "" {
		return task.Errorf(task.InvalidArgument, "the request names no method")
	}
	return task.Errorf(task.NotFound, "Method not found: %.*s", task.MaxNameLength, method)
}

// check refuses what no state of the scheduler could make right.
func (s *Scheduler) check(request *Request) error {
	switch {
	case len(request.ID) > MaxIDLength:
		return task.Errorf(task.InvalidArgument, "task_id has %d bytes; at most %d", len(request.ID), MaxIDLength)
	case len(request.Deps) > s.config.MaxDependencies:
		return task.Errorf(task.InvalidArgument, "%d dependencies; at most %d (--max-dependencies)",
			len(request.Deps), s.config.MaxDependencies)
	}
	for i, id := range request.Deps {
		switch {
		case id == "":
			return task.Errorf(task.InvalidArgument, "dependency %d is empty", i+1)
		case len(id) > MaxIDLength:
			return task.Errorf(task.InvalidArgument, "dependency %d has %d bytes; at most %d", i+1, len(id), MaxIDLength)
		case id == request.ID:
			return task.Errorf(task.InvalidArgument, "task %q depends on itself", id)
		}
	}
	return nil
}

// known is what an id means: an execution, or the outcome of an ended one.
type known struct {
	id        string
	execution *execution
	outcome   Outcome
}

// place puts e into the table and returns nil, or returns what its id means
// already. fresh ids are known to mean nothing.
func (s *Scheduler) place(e *execution, request *Request, fresh bool) (*known, error) {
	if len(request.Deps) > 0 {
		return s.placeInGraph(e, request)
	}
	sh := s.table.shard(e.id)
	sh.Lock()
	found := sh.executions[e.id]
	if found != nil && found.task == nil { // others wait for it
		sh.Unlock()
		return s.placeInGraph(e, request)
	}
	defer sh.Unlock()
	if found != nil {
		return &known{id: e.id, execution: found}, nil
	}
	if !fresh {
		if outcome, ok := s.config.Results.Get(e.id); ok {
			return &known{id: e.id, outcome: outcome}, nil
		}
	}
	if err := s.admit(e); err != nil {
		return nil, err
	}
	sh.insertLocked(e)
	return nil, nil //nolint:nilnil // nothing is known of the id, and e has it now
}

// placeInGraph is place for tasks that wait for others or that others wait for.
func (s *Scheduler) placeInGraph(e *execution, request *Request) (*known, error) {
	s.graph.Lock()
	defer s.graph.Unlock()
	if found := s.lookup(e.id); found != nil {
		return found, nil
	}
	if len(request.Deps) > 0 {
		err := s.link(e, request.Deps, request.DependencyTimeout > 0)
		if err == nil {
			err = s.refuseCycle(e)
		}
		if err != nil {
			s.abandon(e)
			return nil, err
		}
	}
	found, err := s.insertInGraph(e)
	if found != nil || err != nil {
		s.abandon(e)
	}
	return found, err
}

// insertInGraph is the end of placeInGraph. The id may have been submitted
// since its beginning, by someone who didn't need the graph's lock.
func (s *Scheduler) insertInGraph(e *execution) (*known, error) {
	sh := s.table.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	awaited := sh.executions[e.id]
	if awaited != nil && awaited.task != nil {
		return &known{id: e.id, execution: awaited}, nil
	}
	if outcome, ok := s.config.Results.Get(e.id); ok {
		return &known{id: e.id, outcome: outcome}, nil
	}
	if err := s.admit(e); err != nil {
		return nil, err
	}
	if awaited != nil {
		e.adopt(awaited)
	}
	sh.insertLocked(e)
	return nil, nil //nolint:nilnil // as in place
}

// lookup returns what an id means, or nil.
func (s *Scheduler) lookup(id string) *known {
	if e := s.table.find(id); e != nil && e.task != nil {
		return &known{id: id, execution: e}
	}
	if outcome, ok := s.config.Results.Get(id); ok {
		return &known{id: id, outcome: outcome}
	}
	return nil
}

// Join answers for a known id as [Scheduler.Submit] does; known is false when
// the id is not.
func (s *Scheduler) Join(ctx context.Context, id string, detached bool) (receipt Receipt, known bool, err error) {
	for {
		found := s.lookup(id)
		if found == nil {
			return Receipt{}, false, nil
		}
		if receipt, ok, err := s.join(ctx, found, detached); ok {
			return receipt, true, err
		}
	}
}

// join answers with what an id means; ok is false when it means nothing any
// more.
func (s *Scheduler) join(ctx context.Context, found *known, detached bool) (receipt Receipt, ok bool, err error) {
	e := found.execution
	if e == nil {
		return Receipt{ID: found.id, Outcome: found.outcome}, true, nil
	}
	e.mu.Lock()
	if e.forgotten {
		e.mu.Unlock()
		s.table.remove(e)
		return Receipt{}, false, nil
	}
	if detached {
		defer e.mu.Unlock()
		e.pinned = true
		receipt = Receipt{ID: e.id, Outcome: e.outcome}
		receipt.State = e.state
		return receipt, true, nil
	}
	e.submitters++
	done := e.doneLocked()
	e.mu.Unlock()
	receipt, err = s.await(ctx, e, done)
	return receipt, true, err
}

// await waits for e's end, or for ctx's, which makes the caller leave.
func (s *Scheduler) await(ctx context.Context, e *execution, done <-chan struct{}) (Receipt, error) {
	select {
	case <-done:
		return e.receipt(), nil
	case <-ctx.Done():
		s.leave(e)
		return Receipt{}, gone(ctx)
	}
}

// gone is the error for a caller whose context has ended.
func gone(ctx context.Context) *task.Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return task.Errorf(task.DeadlineExceeded, "the caller's deadline is over")
	}
	return task.Errorf(task.Cancelled, "the caller went away")
}

// receipt returns e's answer, once it has ended.
func (e *execution) receipt() Receipt {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Receipt{ID: e.id, Outcome: e.outcome}
}

// admit makes room for e among the tasks that have not ended.
func (s *Scheduler) admit(e *execution) error {
	tasks, bytes := s.admitted.Add(1), s.admittedBytes.Add(e.size)
	switch {
	case s.Draining(): // read after the Add, so that Drain sees either e or nothing
		s.dismiss(e)
		return task.Errorf(task.Unavailable, "the server is draining; try another one")
	case tasks > int64(s.config.MaxPending):
		s.dismiss(e)
		return task.Errorf(task.ResourceExhausted, "%d tasks have not ended (--max-pending-tasks); try again later", tasks-1)
	case bytes > s.config.MaxPendingBytes:
		s.dismiss(e)
		return errTooManyBytes()
	}
	s.pending.Add(1)
	return nil
}

func errTooManyBytes() *task.Error {
	return task.Errorf(task.ResourceExhausted,
		"the arguments of tasks that have not ended hold too many bytes (--max-pending-bytes); try again later")
}

// dismiss gives e's room back.
func (s *Scheduler) dismiss(e *execution) {
	s.admittedBytes.Add(-e.size)
	if s.admitted.Add(-1) == 0 && s.draining.Load() {
		s.signalIdle()
	}
}
