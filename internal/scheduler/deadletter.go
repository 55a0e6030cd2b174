package scheduler

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/task"
)

// A DeadLetter is a task that has used up the attempts of its [RetryPolicy], with
// all that it takes to run it once more.
type DeadLetter struct {
	// Execution is how it ended.
	Execution Execution
	// Args are what its function was called with, injected results included. They
	// must not be changed.
	Args []task.Value
	// ArgBytes is about what they hold.
	ArgBytes int64
	// ExecutionTimeout bounds an attempt; zero: nothing does.
	ExecutionTimeout time.Duration
	Retry            *RetryPolicy
}

// Again returns the request that runs it again: detached, under an id of its
// own, since the end of the first one stays what it is.
func (d *DeadLetter) Again() Request {
	return Request{
		Method:           d.Execution.Task.Name,
		Labels:           d.Execution.Labels,
		Args:             letterArguments{d.Args, d.ArgBytes},
		ExecutionTimeout: d.ExecutionTimeout,
		Retry:            d.Retry,
		RetryOf:          d.Execution.ID,
		Detached:         true,
	}
}

// Resubmit submits [DeadLetter.Again], here or, if only other nodes have its method, at
// one of these, and returns its id.
func (s *Scheduler) Resubmit(ctx context.Context, letter *DeadLetter) (id string, err error) {
	request := letter.Again()
	if s.config.Tasks.Lookup(request.Method) != nil || s.config.Others == nil || !s.config.Others.CanRun(request.Method) {
		receipt, err := s.Submit(ctx, request)
		return receipt.ID, err
	}
	record := queue.Record{ID: newTaggedID(time.Now(), s.config.Node), Submitted: time.Now(), RetryOf: request.RetryOf}
	request.Durable = true
	if record.Request, err = s.config.Encode(&request, letter.Args); err != nil {
		return "", err
	}
	if err := s.config.Others.Give(ctx, request.Method, []queue.Record{record}); err != nil {
		return "", task.Errorf(task.Unavailable, "only other nodes have the method %s, and none takes it: %w", request.Method, err)
	}
	return record.ID, nil
}

// letterArguments are arguments that have been decoded before.
type letterArguments struct {
	values []task.Value
	size   int64
}

// Decode implements [Arguments].
func (a letterArguments) Decode(int) (args []task.Value, size int, err error) {
	return a.values, int(a.size), nil
}

// Drop implements [Arguments].
func (letterArguments) Drop() {}

// keepLetterLocked keeps what becomes a dead letter when e has ended with o, if
// that is one.
func (s *Scheduler) keepLetterLocked(e *execution, o Outcome, why reason) {
	l := e.later
	usedUp := l.policy != nil && e.attempt >= l.policy.MaxAttempts && o.State == Failed && why != byStopping
	if !usedUp || s.config.DeadLetter == nil {
		return
	}
	l.letter = &DeadLetter{
		Args: e.argumentsLocked(), ArgBytes: e.size + int64(e.injectedBytes),
		ExecutionTimeout: e.executionTimeout, Retry: l.policy,
	}
}

// sendLetter hands over what was kept, now that e has ended.
func (s *Scheduler) sendLetter(e *execution, o Outcome) {
	if letter := e.later.letter; letter != nil && o.State == Failed && o.Err != errNotStored {
		letter.Execution = e.describe()
		s.config.DeadLetter(*letter)
	}
}
