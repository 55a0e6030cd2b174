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
	for {
		e, found, err := s.admitOrFind(ctx, &request)
		switch {
		case err != nil:
			return Receipt{}, err
		case e != nil:
			return s.start(ctx, e, &request)
		}
		if receipt, ok, err := s.join(ctx, found, &request); ok {
			return receipt, err
		}
	}
}

// admitOrFind admits the task that request asks for and places it, or returns
// what its id means already.
func (s *Scheduler) admitOrFind(ctx context.Context, request *Request) (e *execution, found *known, err error) {
	if ctx.Err() != nil {
		return nil, nil, gone(ctx)
	}
	if err := s.check(request); err != nil {
		return nil, nil, err
	}
	if request.ID == "" {
		e, err = s.place(ctx, request)
	} else if e = s.placeNew(ctx, request); e == nil {
		if found, err = s.reserve(ctx, request.ID); found != nil || err != nil {
			return nil, found, err
		}
		e, err = s.placeReserved(ctx, request)
	}
	if err != nil {
		return nil, nil, err
	}
	return e, nil, nil
}

// known is what an id means: an execution, or the outcome of an ended one, or the
// node that has it.
type known struct {
	id        string
	execution *execution
	outcome   Outcome
	node      string // another one, which has it
}

// reserve reserves an id of which nothing is known, or returns what is. The
// caller who has reserved it frees it.
func (s *Scheduler) reserve(ctx context.Context, id string) (*known, error) {
	for {
		e, busy := s.table.reserve(id)
		switch {
		case e != nil:
			return &known{id: id, execution: e}, nil
		case busy != nil:
			select {
			case <-busy:
			case <-ctx.Done():
				return nil, gone(ctx)
			}
			continue
		}
		if s.config.Claims != nil {
			return s.claim(ctx, id)
		}
		// Tasks leave the table after the store has their outcome, so one that
		// isn't in either was never there, or is forgotten.
		o, ended, err := s.outcomes.get(ctx, id)
		if err != nil {
			s.table.free(id)
			return nil, err
		}
		if ended {
			s.table.free(id)
			return &known{id: id, outcome: o}, nil
		}
		return nil, nil //nolint:nilnil // nothing is known of the id, and it is reserved
	}
}

// join answers request with what its id means; ok is false when it means nothing
// any more.
func (s *Scheduler) join(ctx context.Context, found *known, request *Request) (receipt Receipt, ok bool, err error) {
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
	if s.keeps(request) {
		e.mu.Unlock()
		if ok, err := s.joinKept(ctx, e); !ok || err != nil {
			return Receipt{}, ok, err
		}
		e.mu.Lock()
	}
	if request.Detached {
		defer e.mu.Unlock()
		e.pinned = true
		return Receipt{ID: e.id, Outcome: e.outcomeLocked()}, true, nil
	}
	e.submitters++
	done := e.doneLocked()
	e.mu.Unlock()
	request.drop() // nobody counts what it holds
	receipt, err = s.await(ctx, e, done)
	return receipt, true, err
}

// await waits for e's end, or for ctx's, which makes the caller leave.
func (s *Scheduler) await(ctx context.Context, e *execution, done <-chan struct{}) (Receipt, error) {
	select {
	case <-done:
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.receiptLocked(ctx)
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

// receiptLocked returns the answer to a caller who did not leave e before it
// ended, unless someone did so in the caller's name.
func (e *execution) receiptLocked(ctx context.Context) (Receipt, error) {
	if e.forgotten && e.state == Cancelled {
		return Receipt{}, gone(ctx)
	}
	return Receipt{ID: e.id, Outcome: e.outcome}, nil
}
