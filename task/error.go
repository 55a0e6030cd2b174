package task

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
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

// String returns the code as gRPC spells it: "INVALID_ARGUMENT". It knows all of
// gRPC's, since what stands between client and server may answer with any.
func (c Code) String() string {
	names := [...]string{
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
		"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
	}
	if c < Code(len(names)) {
		return names[c]
	}
	return fmt.Sprintf("CODE(%d)", uint32(c))
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
	cause := errors.Unwrap(err)
	if _, several := err.(interface{ Unwrap() []error }); several {
		cause = err
	}
	return &Error{Code: code, Message: err.Error(), cause: cause}
}

// nilError is what a nil *Error says: a function that declares one as its error
// and returns it has failed, as far as Go is concerned.
const nilError = "failed with a nil *task.Error"

// Error returns the message alone.
func (e *Error) Error() string {
	if e == nil {
		return nilError
	}
	return e.Message
}

// Unwrap returns the error that Errorf's %w named, if any.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// ErrorOf returns err as the [Error] that clients get: the code of the first
// Error in its chain, with err's whole message as valid UTF-8. A context's own
// errors are CANCELLED and DEADLINE_EXCEEDED; any other error, one with a code
// that is none, and one that panics when it is looked at, are INTERNAL.
// ErrorOf(nil) is nil.
func ErrorOf(err error) (e *Error) {
	if err == nil {
		return nil
	}
	defer func() { // errors are made by strangers: a nil pointer inside is enough
		if recover() != nil {
			e = &Error{Code: Internal, Message: fmt.Sprintf("failed with a %T that panics", err)}
		}
	}()
	//nolint:errorlint // the chain is searched next; this saves a copy
	if direct, ok := err.(*Error); ok && direct != nil && direct.Code.isFailure() && utf8.ValidString(direct.Message) {
		return direct
	}
	return &Error{Code: codeOf(err), Message: strings.ToValidUTF8(err.Error(), "\uFFFD"), cause: err}
}

func codeOf(err error) Code {
	var coded *Error
	switch {
	case errors.As(err, &coded) && coded != nil:
		if coded.Code.isFailure() {
			return coded.Code
		}
		return Internal
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return DeadlineExceeded
	default:
		return Internal
	}
}

// isFailure reports whether c is one of gRPC's codes, but not OK.
func (c Code) isFailure() bool {
	const last = 16
	return c != OK && c <= last
}
