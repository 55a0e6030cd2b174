package scheduler

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// launch starts e, which is in the table: now, or when its dependencies have
// ended and a slot is free. For a blocking submission it returns at the end.
func (s *Scheduler) launch(ctx context.Context, e *execution, request *Request) (Receipt, error) {
	hasDependencies := len(request.Deps) > 0
	runsHere := !request.Detached && !hasDependencies && e.executionTimeout == 0
	switch {
	case hasDependencies:
		s.settle(e)
	case !runsHere:
		s.enqueue(e)
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
		stop := context.AfterFunc(ctx, func() { s.leave(e) })
		defer stop()
	}
	if next := s.execute(e); next != nil {
		go s.work(next)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.forgotten {
		return Receipt{}, gone(ctx)
	}
	return Receipt{ID: e.id, Outcome: e.outcome}, nil
}

// settle ends e's linking: from now on its dependencies move it.
func (s *Scheduler) settle(e *execution) {
	e.mu.Lock()
	w := &e.dependencies
	w.linking = false
	w.missing--
	failure, ready, ended := w.failure, w.missing == 0, e.state.Ended()
	if failure == nil && !ready && !ended {
		e.timer = time.AfterFunc(cmp.Or(e.dependencyTimeout, s.config.DependencyTimeout), func() { s.giveUp(e) })
	}
	e.mu.Unlock()
	switch {
	case ended:
	case failure != nil:
		s.finish(e, failed(failure))
	case ready:
		s.enqueue(e)
	}
}

// giveUp fails e if its dependencies are not complete yet.
func (s *Scheduler) giveUp(e *execution) {
	o := failed(task.Errorf(task.DeadlineExceeded, "the dependencies have not ended within %s",
		cmp.Or(e.dependencyTimeout, s.config.DependencyTimeout)))
	first, _ := s.end(e, o, expire)
	s.passOn(first, o)
}

// enqueue runs e on a goroutine of its own, once a slot is free.
func (s *Scheduler) enqueue(e *execution) {
	if s.acquire(e) {
		go s.work(e)
	}
}

// work runs e, and then whoever gets its slot: a goroutine that has grown its
// stack for one task need not be made anew for the next.
func (s *Scheduler) work(e *execution) {
	for e != nil {
		e = s.execute(e)
	}
}

// acquire takes a slot for e and reports whether there was one; otherwise
// whoever frees one runs e.
func (s *Scheduler) acquire(e *execution) bool {
	if s.slots.acquire(e) {
		return true
	}
	e.mu.Lock()
	ended := e.state.Ended()
	e.mu.Unlock()
	if ended { // before it was in the queue
		s.slots.withdraw(e)
	}
	return false
}

// execute runs e in the slot that it has, and returns the execution, if any,
// that has the slot now. When the function ends its goroutine by
// runtime.Goexit, that one goes on in a goroutine of its own.
func (s *Scheduler) execute(e *execution) (next *execution) {
	var outcome Outcome
	began, returned := false, false
	defer func() {
		if began {
			if !returned {
				outcome = failed(task.Errorf(task.Internal, "task %s ended its goroutine", e.task.Name))
			}
			s.conclude(e, outcome)
		}
		if next = s.slots.release(e); next != nil && !returned {
			go s.work(next)
		}
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
	if e.state.Ended() {
		return nil, nil, false
	}
	s.pending.Add(-1)
	s.running.Add(1)
	e.state, e.active, e.started = Running, true, time.Now()
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
	ctx = context.Background() // not the caller's: others may wait for the task too
	switch {
	case e.executionTimeout > 0:
		ctx, e.cancelRun = context.WithTimeout(ctx, e.executionTimeout)
		e.timer = time.AfterFunc(e.executionTimeout, func() { s.finish(e, outOfTime(e)) })
	case e.task.Interruptible:
		ctx, e.cancelRun = context.WithCancel(ctx)
	}
	if e.task.Interruptible {
		ctx = task.WithCall(ctx, task.Call{ID: e.id, Attempt: 1})
	}
	return ctx, e.injectLocked(), true
}

func outOfTime(e *execution) Outcome {
	return failed(task.Errorf(task.DeadlineExceeded,
		"task %s ran longer than its timeout of %s", e.task.Name, e.executionTimeout))
}

// injectLocked returns e's arguments, with the results of its dependencies
// before them if it wants them.
func (e *execution) injectLocked() []task.Value {
	if len(e.kept) == 0 {
		return e.args
	}
	args := make([]task.Value, 0, len(e.kept)+len(e.args))
	for _, k := range e.kept {
		args = append(args, task.String(k.result))
	}
	return append(args, e.args...)
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
	return succeeded(text)
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
