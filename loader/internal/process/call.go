package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/internal/lifetime"
	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// CallInfo is what there is to a call besides its arguments.
type CallInfo struct {
	// TaskID is the client's id of the execution.
	TaskID string
	// Attempt is 1, 2, …
	Attempt int
	// Reporter is told how far the call is and what it logs. Nil: nobody.
	Reporter task.Reporter
}

// ErrNotDelivered is in the chain of an error of [Process.Call] when the call
// has not reached the library, so that making it elsewhere does nothing twice.
var ErrNotDelivered = errors.New("the call had not reached the library")

// Call runs a task, named by its index in Tasks, and waits for its answer. The
// arguments are only read, and only before it returns; the result is the
// caller's. Arguments that the task's signature doesn't take are INVALID_ARGUMENT
// before the library hears of them.
//
// When ctx ends, the library is told. It has CancelGrace to answer; then Call
// returns the context's error and, with Config.Stuck, reports the process, in
// which the call goes on.
//
// Errors are of type [task.Error], or the context's: what the library answered;
// INTERNAL when the process ended or the answer made no sense; UNAVAILABLE with
// [ErrNotDelivered] when the process ended before it got the call.
func (p *Process) Call(ctx context.Context, taskIndex int, info CallInfo, args []task.Value) (task.Value, error) {
	if taskIndex < 0 || taskIndex >= len(p.methods) {
		return task.Value{}, task.Errorf(task.Internal, "plugin %s has no task %d", p.config.Name, taskIndex)
	}
	if err := ctx.Err(); err != nil {
		return task.Value{}, err
	}
	args, err := p.methods[taskIndex].check(args)
	if err != nil {
		return task.Value{}, err
	}
	s, err := p.calls.begin(info)
	if err != nil {
		return task.Value{}, p.notDelivered(err)
	}
	call := library.Call{ID: s.id(), Task: taskIndex, Attempt: uint32(info.Attempt), TaskID: info.TaskID, Args: args}
	call.Deadline, _ = ctx.Deadline()
	end, err := p.sendCall(ctx, &call)
	switch {
	case errors.Is(err, errPipe):
		return task.Value{}, p.awaitExit(ctx, s)
	case err != nil:
		p.calls.free(s)
		return task.Value{}, err
	}
	link := lifetime.Follow(ctx, &p.calls, call.ID)
	a := <-s.answer
	link.Stop()
	if a.interrupted {
		return p.callOff(ctx, s, end)
	}
	return p.result(ctx, s, a, end)
}

// sendCall returns where in the stream to the child the call ends.
func (p *Process) sendCall(ctx context.Context, call *library.Call) (end uint64, err error) {
	buffer := frame.NewBuffer()
	defer frame.Recycle(buffer)
	*buffer, err = frame.AppendCall(*buffer, p.config.MaxFrameBytes, call)
	switch {
	case errors.Is(err, frame.ErrTooLarge):
		return 0, task.Errorf(task.ResourceExhausted, "the arguments are larger than the %d bytes that a plugin may get",
			p.config.MaxFrameBytes)
	case err != nil:
		return 0, task.Errorf(task.InvalidArgument, "an argument: %w", err)
	}
	end, err = p.writer.Add(*buffer, ctx.Done)
	switch {
	case err == nil:
		return end, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	default:
		p.suspect(fmt.Errorf("it takes no calls any more: %w", err))
		return 0, errPipe
	}
}

// errPipe is that a call could not be sent, because the process is ending.
var errPipe = errors.New("the pipe to the process has ended")

// awaitExit returns the error for a call that could not be sent, once it is
// known why.
func (p *Process) awaitExit(ctx context.Context, s *pendingCall) error {
	select {
	case a := <-s.answer:
		p.calls.free(s)
		return p.notDelivered(a.err)
	case <-ctx.Done():
		p.abandon(s)
		return ctx.Err()
	}
}

// callOff asks the library to end a call, and gives it some time to do so.
func (p *Process) callOff(ctx context.Context, s *pendingCall, end uint64) (task.Value, error) {
	_, _ = p.writer.AddAtOnce(frame.OfID(frame.Cancel, s.id())) // it fails when the process ends, and so does the call
	grace := time.NewTimer(p.config.CancelGrace)
	defer grace.Stop()
	select {
	case a := <-s.answer:
		return p.result(ctx, s, a, end)
	case <-grace.C:
	}
	if p.calls.leave(s) { // at the last moment
		return p.result(ctx, s, <-s.answer, end)
	}
	if p.config.Stuck != nil {
		p.stuck.Do(p.config.Stuck)
	}
	return task.Value{}, fmt.Errorf("plugin %s did not heed the cancel for %s: %w",
		p.config.Name, p.config.CancelGrace, ctx.Err())
}

// result frees the call's place and makes of the answer what Call returns.
func (p *Process) result(ctx context.Context, s *pendingCall, a answer, end uint64) (task.Value, error) {
	p.calls.free(s)
	switch {
	case a.exited && !p.writer.Written(end):
		return task.Value{}, p.notDelivered(a.err)
	case a.err != nil:
		return task.Value{}, a.err
	case a.status == library.OK:
		return a.value, nil
	case a.status == library.Cancelled && ctx.Err() != nil:
		return task.Value{}, ctx.Err()
	default:
		return task.Value{}, task.Errorf(codes[a.status], "%s", p.message(a))
	}
}

// codes are what the statuses of the plugin ABI are to clients.
var codes = [...]task.Code{
	library.OK: task.OK, library.Failed: task.Internal, library.Retry: task.Unavailable,
	library.Cancelled: task.Cancelled, library.BadArguments: task.InvalidArgument,
}

// message returns what the library says about its failure.
func (p *Process) message(a answer) string {
	const longest = 4 << 10 // it goes into a header
	text, _ := a.value.Str()
	if text != "" {
		return strings.Clone(clip.Text(text, longest))
	}
	return [...]string{
		library.Failed:       "plugin " + p.config.Name + ": the task failed and does not say why",
		library.Retry:        "plugin " + p.config.Name + ": the task failed and may succeed when tried again",
		library.Cancelled:    "plugin " + p.config.Name + ": the task was cancelled",
		library.BadArguments: "plugin " + p.config.Name + ": the task does not take these arguments",
	}[a.status]
}

// notDelivered returns the error for a call that the library never got.
func (p *Process) notDelivered(cause error) error {
	return task.Errorf(task.Unavailable, "%w", &notDeliveredError{cause})
}

type notDeliveredError struct{ cause error }

func (e *notDeliveredError) Error() string        { return e.cause.Error() + "; " + ErrNotDelivered.Error() }
func (e *notDeliveredError) Is(target error) bool { return target == ErrNotDelivered }
func (e *notDeliveredError) Unwrap() error        { return e.cause }
