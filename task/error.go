package task

import (
	"context"
	"errors"
	"fmt"
)

// Code says what kind of failure an [Error] is. The numbers are gRPC's.
type Code uint32

// The codes that the contract knows.
const (
	OK                 Code = 0
	Cancelled          Code = 1
	InvalidArgument    Code = 3
	DeadlineExceeded   Code = 4
	NotFound           Code = 5
	ResourceExhausted  Code = 8
	FailedPrecondition Code = 9
	Internal           Code = 13
	Unavailable        Code = 14
)

// String returns the code as gRPC spells it: "INVALID_ARGUMENT".
func (c Code) String() string {
	switch c {
	case OK:
		return "OK"
	case Cancelled:
		return "CANCELLED"
	case InvalidArgument:
		return "INVALID_ARGUMENT"
	case DeadlineExceeded:
		return "DEADLINE_EXCEEDED"
	case NotFound:
		return "NOT_FOUND"
	case ResourceExhausted:
		return "RESOURCE_EXHAUSTED"
	case FailedPrecondition:
		return "FAILED_PRECONDITION"
	case Internal:
		return "INTERNAL"
	case Unavailable:
		return "UNAVAILABLE"
	default:
		return fmt.Sprintf("CODE(%d)", uint32(c))
	}
}

// An Error is a failure with a code. Both the code and the message reach the
// client; the cause, if any, is for errors.Is and errors.As on this side only.
type Error struct {
	Code    Code
	Message string
	cause   error
}

// Errorf returns an [Error]. The message is formatted as by fmt.Errorf, %w
// included.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
}

// Error returns the message alone.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the error that Errorf's %w named, if any.
func (e *Error) Unwrap() error { return e.cause }

// ErrorOf returns err as the [Error] that clients get: the code of the first
// Error in its chain, with err's whole message. A context's own errors are
// CANCELLED and DEADLINE_EXCEEDED; any other error is INTERNAL. ErrorOf(nil)
// is nil.
func ErrorOf(err error) *Error {
	if err == nil {
		return nil
	}
	var direct *Error
	if e, ok := err.(*Error); ok && e != nil { //nolint:errorlint // the chain is searched next; this saves a copy
		return e
	}
	switch {
	case errors.As(err, &direct) && direct != nil:
		return &Error{Code: direct.Code, Message: err.Error(), cause: err}
	case errors.Is(err, context.Canceled):
		return &Error{Code: Cancelled, Message: err.Error(), cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: DeadlineExceeded, Message: err.Error(), cause: err}
	default:
		return &Error{Code: Internal, Message: err.Error(), cause: err}
	}
}
