package scheduler

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/lifetime"
	"github.com/taskscheduler/taskscheduler/internal/shape"
	"github.com/taskscheduler/taskscheduler/task"
)

// start starts e, which is in the table: now, or when its dependencies have
// ended and a slot is free. For a blocking submission it returns at the end.
func (s *Scheduler) start(ctx context.Context, e *execution, request *Request) (Receipt, error) {
	if s.keeps(request) {
		return s.startKept(ctx, e, request)
	}
	hasDependencies := len(request.Deps) > 0
	// Where an outcome takes a while to be stored, a caller who leaves must not wait for that.
	runsHere := s.outcomes.instant && !request.Detached && !hasDependencies && e.executionTimeout == 0 && e.later == nil
	switch {
	case !runsHere:
		s.startApart(e, hasDependencies)
	case s.acquire(e):
		return s.runHere(ctx, e)
	}
	if request.Detached {
		return Receipt{ID: e.id}, nil // Pending, however far it is by now
	}
	e.mu.Lock()
	done := e.doneLocked()
	e.mu.Unlock()
	return s.await(ctx, e, done)
}

// runHere runs e on its caller's goroutine, in the slot that it has. A sync
// function can't be interrupted, so its caller's leaving is not looked at; an
// interruptible one is told.
func (s *Scheduler) runHere(ctx context.Context, e *execution) (Receipt, error) {
	if e.task.Interruptible {
		link := lifetime.Follow(ctx, e, 0)
		defer link.Stop()
	}
	if next := s.run(e); next != nil {
		go s.work(next)
	}
	e.mu.Lock()
	if e.told {
		defer e.mu.Unlock()
		return e.receiptLocked(ctx)
	}
	done := e.doneLocked() // someone else has decided how it ends, and is about to store that
	e.mu.Unlock()
	return s.await(ctx, e, done)
}

// Ended implements [lifetime.Follower]: the caller that e runs for has left.
func (e *execution) Ended(uint64) { go e.scheduler.leave(e) }

// enqueue runs e on a goroutine of its own, once a slot is free.
func (s *Scheduler) enqueue(e *execution) {
	if s.acquire(e) {
		go s.work(e)
	}
}

// work runs e, and then the task that gets its slot: a goroutine that has grown its
// stack for one task need not be made anew for the next.
func (s *Scheduler) work(e *execution) {
	for e != nil {
		e = s.run(e)
	}
}

// acquire takes a slot for e and reports whether there was one; otherwise e waits
// and runs after a task that frees one.
func (s *Scheduler) acquire(e *execution) bool {
	if s.slots.acquire(e) {
		return true
	}
	e.mu.Lock()
	decided := e.decided
	e.mu.Unlock()
	if decided { // before it was in the queue
		s.slots.withdraw(e)
	}
	return false
}

// run runs e in the slot that it has, and ends it. It returns the execution, if
// any, that has the slot now and doesn't run yet.
func (s *Scheduler) run(e *execution) (next *execution) {
	var outcome Outcome
	began, returned := false, false
	defer func() { // runtime.Goexit comes by here too
		next = s.slots.release(e)
		if next != nil && (!returned || !s.outcomes.instant) {
			go s.work(next) // it need not wait until the store has e's outcome
			next = nil
		}
		if !began {
			return
		}
		if !returned {
			outcome = failed(task.Errorf(task.Internal, "task %s ended its goroutine", e.task.Name))
		}
		if e.later != nil {
			s.attemptEnded(e, outcome)
			return
		}
		s.end(e, outcome, byReturn)
	}()
	var ctx context.Context
	var args []task.Value
	if ctx, args, began = s.begin(e); began {
		outcome = s.call(ctx, e, args)
	}
	returned = true
	return nil // the deferred function says who is next
}

// begin turns e to Running, unless it has ended meanwhile, and returns what
// its function gets.
func (s *Scheduler) begin(e *execution) (ctx context.Context, args []task.Value, began bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.decided || e.kept != nil && s.leftForLaterLocked(e) {
		return nil, nil, false
	}
	s.pending.Add(-1)
	s.running.Add(1)
	e.state, e.active, e.started = Running, true, e.now()
	e.attempt++
	if e.journal != nil {
		e.journal.State(Running, e.started)
	}
	e.stopTimerLocked()
	ctx = context.Background() // not the caller's: others may wait for the task too
	if e.executionTimeout > 0 {
		ctx, e.cancelRun = context.WithTimeout(ctx, e.executionTimeout)
		attempt := e.attempt
		e.timer = time.AfterFunc(e.executionTimeout, func() { s.attemptOutOfTime(e, attempt) })
	}
	if e.task.Interruptible {
		ctx = task.WithCall(ctx, task.Call{ID: e.id, Attempt: int(e.attempt), Reporter: e})
		if e.executionTimeout <= 0 {
			own := &runContext{Context: ctx}
			ctx, e.cancelRun = own, own.End
		}
	}
	return ctx, e.argumentsLocked(), true
}

// A runContext is the context of a run that can be interrupted and has no end in time.
// Its Context has its values.
type runContext struct {
	context.Context //nolint:containedctx // it is a context, with an end of its own
	lifetime.Lifetime
}

// Err implements [context.Context].
func (r *runContext) Err() error { return r.Lifetime.Err() }

// Done implements [context.Context].
func (r *runContext) Done() <-chan struct{} { return r.Lifetime.Done() }

func outOfTime(e *execution) Outcome {
	return failed(task.Errorf(task.DeadlineExceeded,
		"task %s ran longer than its timeout of %s", e.task.Name, e.executionTimeout))
}

// call calls the function of e's task and turns what comes back into an
// outcome.
func (s *Scheduler) call(ctx context.Context, e *execution, args []task.Value) Outcome {
	value, err := s.protect(ctx, e, args)
	switch {
	case err != nil && ctx.Err() != nil && e.executionTimeout > 0:
		return outOfTime(e)
	case err != nil:
		return failed(task.ErrorOf(err))
	}
	text, err := value.Text()
	switch {
	case err != nil:
		return failed(task.Errorf(task.Internal, "task %s: %w", e.task.Name, err))
	case len(text) > s.config.MaxResultBytes:
		return failed(task.Errorf(task.ResourceExhausted, "task %s: the result has %d bytes; at most %d",
			e.task.Name, len(text), s.config.MaxResultBytes))
	}
	return succeeded(e.own(text), shape.Of(value))
}

// largeArguments is from how many bytes on a small result is copied.
const largeArguments = 4 << 10

// own returns a result that keeps no more than itself in memory: it may be a
// part of the arguments, which nobody counts any more when it is stored.
func (e *execution) own(text string) string {
	if held := int(e.size) + e.injectedBytes; held > largeArguments && len(text) < held/2 {
		return strings.Clone(text)
	}
	return text
}

// protect calls the function. A panic becomes an error without details; those
// go to the log.
func (s *Scheduler) protect(ctx context.Context, e *execution, args []task.Value) (value task.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.config.Logger.ErrorContext(ctx, "task panicked", "id", e.id, "method", e.task.Name,
				"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = task.Errorf(task.Internal, "task %s panicked", e.task.Name)
		}
	}()
	return e.task.Run(ctx, args)
}
