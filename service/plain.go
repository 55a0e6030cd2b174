package service

import (
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// plainCall answers a plain gRPC call of SubmitTask itself: one message of
// protobuf, not compressed, on HTTP/2. That is what nearly all clients send
// nearly always, and Connect's generality costs as much as the rest of such a
// call. What is unusual in any way goes on to next, which is Connect's handler:
// it stays the one place that says what is wrong with a call.
type plainCall struct {
	service *service
	next    http.Handler
}

// ServeHTTP implements [http.Handler].
func (h *plainCall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	timeout, plain := plainHeader(r)
	if !plain {
		h.next.ServeHTTP(w, r)
		return
	}
	buffer := messageBuffers.Get().(*[]byte) //nolint:forcetypeassert // the pool has nothing else
	defer messageBuffers.Put(buffer)
	message, ok := readMessage(r, (*buffer)[:0])
	if !ok {
		h.next.ServeHTTP(w, r)
		return
	}
	ctx := r.Context()
	if timeout >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	response, err := h.submit(ctx, callerOf(r), message)
	answer := plainAnswer{w: w, r: r, buffer: buffer}
	answer.write(response, err)
}

// submit is the call itself. A panic in it is the client's and the log's to
// hear of, as with Connect's handler.
func (h *plainCall) submit(ctx context.Context, caller string, message []byte) (response *wire.TaskResponse, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = rpc.Recovered(ctx, h.service.config.Logger, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, p)
		}
	}()
	if err := ctx.Err(); err != nil { // the deadline came with the call
		return nil, err
	}
	request, err := wire.ParseRequest(message, h.service.limits)
	if err != nil {
		return nil, task.Errorf(task.InvalidArgument, "unmarshal message: %w", err)
	}
	return h.service.submit(ctx, caller, request)
}

// noTimeout is for a call that has all the time there is.
const noTimeout time.Duration = -1

// plainHeader tells whether a request's header is that of a plain call, and how
// long the client waits.
func plainHeader(r *http.Request) (timeout time.Duration, plain bool) {
	if r.Method != http.MethodPost || r.ProtoMajor != 2 {
		return 0, false
	}
	contentType := r.Header["Content-Type"]
	if len(contentType) != 1 || contentType[0] != "application/grpc" && contentType[0] != "application/grpc+proto" {
		return 0, false
	}
	if encoding := r.Header["Grpc-Encoding"]; len(encoding) > 0 && encoding[0] != "identity" {
		return 0, false
	}
	if text := r.Header["Grpc-Timeout"]; len(text) > 0 {
		return parseTimeout(text[0])
	}
	return noTimeout, true
}

// parseTimeout reads a grpc-timeout: up to eight digits and a unit.
func parseTimeout(text string) (timeout time.Duration, ok bool) {
	if len(text) < 2 || len(text) > 9 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
	if err != nil {
		return 0, false
	}
	switch text[len(text)-1] {
	case 'n':
		return time.Duration(n), true
	case 'u':
		return time.Duration(n) * time.Microsecond, true
	case 'm':
		return time.Duration(n) * time.Millisecond, true
	case 'S':
		return time.Duration(n) * time.Second, true
	case 'M':
		return time.Duration(n) * time.Minute, true
	default: // hours, of which not all fit, or a mistake
		return 0, false
	}
}

const (
	// plainBytes is up to what size a call is answered here. What is larger is
	// read within the budget that large bodies share.
	plainBytes = 16 << 10
	// envelopeBytes is a flag and the message's length.
	envelopeBytes = 5
)

// messageBuffers are for a call's message and then for its answer.
var messageBuffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, 4096)
	return &buffer
}}

// wholeBody is implemented by bodies that have come in whole.
type wholeBody interface {
	// Bytes returns what has not been read, which the body goes on to own; ok is
	// false if there is more to come.
	Bytes() (b []byte, ok bool)
}

// readMessage reads the one message of a request. If its body is anything else
// than one short message, ok is false, and the body as if it had not been read.
func readMessage(r *http.Request, buffer []byte) (message []byte, ok bool) {
	body, whole := buffer, false
	if known, can := r.Body.(wholeBody); can {
		body, whole = known.Bytes()
		if !whole || !isMessage(body) {
			return nil, false
		}
		return body[envelopeBytes:], true
	}
	for len(body) < plainBytes && !whole {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err != nil && err != io.EOF {
			r.Body = &replayed{Reader: io.MultiReader(strings.NewReader(string(body)), failing{err}), Closer: r.Body}
			return nil, false
		}
		whole = err != nil
	}
	if whole && isMessage(body) {
		return body[envelopeBytes:], true
	}
	r.Body = &replayed{Reader: io.MultiReader(strings.NewReader(string(body)), r.Body), Closer: r.Body}
	return nil, false
}

// isMessage tells whether b is an envelope with one message that is not
// compressed.
func isMessage(b []byte) bool {
	return len(b) >= envelopeBytes && b[0] == 0 && int64(binary.BigEndian.Uint32(b[1:])) == int64(len(b)-envelopeBytes)
}

// replayed is a body whose beginning has been read before.
type replayed struct {
	io.Reader
	io.Closer
}

// failing is the end of a body that could not be read.
type failing struct{ err error }

// Read returns the error.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
