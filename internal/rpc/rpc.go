// Package rpc is what the services of this module have in common on the wire:
// how large messages may be, from what size answers are compressed, what
// becomes of a panic, and how an error reaches a client.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/task"
)

// CompressFrom is the size in bytes from which an answer is compressed for a
// client that asks for it. Below, compressing costs more than it saves: it is
// most of what a small call costs.
const CompressFrom = 1024

// errTooLarge is for a message that is decompressed no further.
var errTooLarge = errors.New("the message is larger than the server takes")

// errPanicked is all that a client hears of a panic.
var errPanicked = task.Errorf(task.Internal, "the request failed; the server's log says why")

// HandlerOptions are those of every handler. A request is at most maxRequest
// bytes, decompressed, which happens within bodies' budget. A handler's panic goes to the logger with its stack, and
// the client is told that the log says why.
func HandlerOptions(logger *slog.Logger, maxRequest int, bodies *Bodies) connect.HandlerOption {
	return connect.WithHandlerOptions(
		connect.WithReadMaxBytes(maxRequest),
		withGzip(maxRequest, bodies),
		connect.WithCompressMinBytes(CompressFrom),
		connect.WithRecover(func(ctx context.Context, spec connect.Spec, _ http.Header, p any) error {
			return Error(Recovered(ctx, logger, spec.Procedure, p))
		}),
	)
}

// Recovered logs a handler's panic with the stack it is called on, and returns
// what the client gets.
func Recovered(ctx context.Context, logger *slog.Logger, procedure string, p any) *task.Error {
	logger.ErrorContext(ctx, "a request panicked", "rpc", procedure, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return errPanicked
}

// Error returns what a client gets for an error: its code and message, as
// [task.ErrorOf] finds them; nil for nil.
func Error(err error) error {
	if err == nil {
		return nil
	}
	e := task.ErrorOf(err)
	answer := connect.NewError(connect.Code(e.Code), e)
	if d, ok := errors.AsType[*DetailedError](err); ok {
		answer.AddDetail(d.Detail)
	}
	return answer
}

// Count returns n as messages count things; what is out of range becomes the
// nearest number that is in it.
func Count(n int) uint32 { return uint32(min(max(n, 0), math.MaxUint32)) }
