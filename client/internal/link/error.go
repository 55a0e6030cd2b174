package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/task"
)

// ErrUnreachable is in the chain of the error of a call that got no answer:
// no connection could be made, or it broke. Whether a task ran is not known
// then.
var ErrUnreachable = errors.New("server unreachable")

// unreachableError is an [ErrUnreachable] with its cause.
type unreachableError struct {
	addr  string
	cause error
}

func (e *unreachableError) Error() string {
	cause := e.cause
	if _, ok := errors.AsType[tls.RecordHeaderError](cause); ok {
		cause = errSpeaksClear
	}
	if other, ok := errors.AsType[protocolError](cause); ok {
		cause = other // without the words of the transport
	}
	if dial, ok := errors.AsType[*net.OpError](cause); ok && dial.Op == "dial" {
		cause = dial.Err // without the address again
	}
	return fmt.Sprintf("cannot reach %s: %v%s", e.addr, cause, advice(e.cause))
}

func (e *unreachableError) Unwrap() []error { return []error{ErrUnreachable, e.cause} }

// ErrorOf returns what callers get for a call's error: a [*task.Error] with the
// code and message that the server sent, or nil for nil.
func (l *Link) ErrorOf(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	code, message := task.Internal, err.Error()
	failure, ok := errors.AsType[*connect.Error](err)
	if ok {
		code, message = task.Code(failure.Code()), failure.Message()
	}
	// The transport's errors are ambiguous: connect takes a connection that
	// was reset for a caller who left. The context knows.
	if cause := ended(ctx); cause != nil && (code == task.Cancelled || code == task.DeadlineExceeded || broken(err)) {
		return ContextError(cause)
	}
	if broken(err) {
		return task.Errorf(task.Unavailable, "%w", &unreachableError{l.addr, cause(err)})
	}
	if connect.IsWireError(err) {
		if outcome := readOutcome(failure); outcome != nil {
			return task.Errorf(code, "%w", outcome)
		}
		return Failure(code, message)
	}
	if ok && failure.Code() == connect.CodeUnimplemented && strings.HasPrefix(message, "HTTP status 404") { // as connect says it
		message = l.addr + " does not serve this: tasks and the admin service have an address each, and this may be the other's"
	}
	return task.Errorf(code, "%w", &localError{message, err})
}

// Failure returns what the server says of a failure. A time limit that was over
// there is [context.DeadlineExceeded] to errors.Is, as one that was over here.
func Failure(code task.Code, message string) *task.Error {
	if code == task.DeadlineExceeded {
		return task.Errorf(code, "%w", timeoutError(message))
	}
	return &task.Error{Code: code, Message: message}
}

// FromServer says whether failure is the server's word.
func FromServer(failure *task.Error) bool {
	_, timeout := errors.AsType[timeoutError](failure)
	return timeout || failure.Unwrap() == nil || OutcomeOf(failure) != nil
}

// timeoutError is the message of a time limit that was over on the server.
type timeoutError string

func (e timeoutError) Error() string { return string(e) }

// Is makes it [context.DeadlineExceeded] without saying the words of that.
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// localError is what went wrong on this side of a connection that works.
type localError struct {
	message string
	cause   error
}

func (e *localError) Error() string { return e.message }
func (e *localError) Unwrap() error { return e.cause }

// ended returns why ctx is over, or nil. A deadline counts from its moment on,
// which others may see before ctx's own timer has fired.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// ContextError returns the error of a call that the end of its context ended.
func ContextError(cause error) error { return task.Errorf(task.ErrorOf(cause).Code, "%w", cause) }

// MayHelp says whether to make a call again after err.
func MayHelp(err error) bool {
	failure, ok := errors.AsType[*task.Error](err)
	if !ok || failure.Code != task.Unavailable && failure.Code != task.ResourceExhausted || OutcomeOf(err) != nil {
		return false
	}
	if errors.Is(err, ErrUnreachable) {
		return !wrongProtocol(err)
	}
	return failure.Code == task.Unavailable || !TooLarge(err)
}

// TooLarge recognises a message over somebody's limit. gRPC gives it the code
// of an overload, though trying again never helps, so the message has to tell:
// connect's here and in the server, then grpc-go's and grpc-java's.
func TooLarge(err error) bool {
	if failure, ok := errors.AsType[*task.Error](err); !ok || failure.Code != task.ResourceExhausted {
		return false
	}
	if _, ok := errors.AsType[*localError](err); ok {
		return true // this side is never overloaded
	}
	message := err.Error()
	for _, sign := range []string{"larger than", "http.MaxBytesReader limit", "sendMaxBytes", "exceeds maximum size"} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

type connectionError struct{ cause error }

func (e *connectionError) Error() string { return e.cause.Error() }
func (e *connectionError) Unwrap() error { return e.cause }

// broken says whether err is that of a connection. A stream that the server
// reset is none: there is a server.
func broken(err error) bool {
	failure, ok := errors.AsType[*connectionError](err)
	return ok && !strings.HasPrefix(failure.Error(), "stream error: ")
}

func cause(err error) error {
	failure, _ := errors.AsType[*connectionError](err)
	return failure.cause
}
