package grpc

import (
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxShort is up to what size [ReadShort] reads a message. What is larger is
// read within the budget that large bodies share.
const MaxShort = 16 << 10

// HeadBytes is how much stands before a message: a flag and the message's length.
const HeadBytes = 5

// Begin returns the context of a plain call: the request's, which ends with the
// client's deadline, and at the latest when end is called. ok is false if the
// call is not a plain one.
func Begin(r *http.Request) (ctx context.Context, end context.CancelFunc, ok bool) {
	timeout, plain := plainHeader(r)
	if !plain {
		return nil, nil, false
	}
	ctx, end = (&Call{timeout: timeout}).Context(r.Context())
	return ctx, end, true
}

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

// wholeBody is implemented by bodies that have come in whole.
type wholeBody interface {
	// Bytes returns the whole body, which goes on to own it; nil if there is more
	// to come.
	Bytes() []byte
}

// ReadShort reads the one message of a request. If its body is anything else
// than one short message, ok is false, and the body as if it had not been read.
// The message is in buffer, or in the body's own memory.
func ReadShort(r *http.Request, buffer []byte) (message []byte, ok bool) {
	if known, can := r.Body.(wholeBody); can {
		if message, ok := Message(known.Bytes()); ok {
			return message, true
		}
	}
	body, whole := buffer, false
	for len(body) < MaxShort && !whole {
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
	if message, ok := Message(body); ok && whole {
		return message, true
	}
	r.Body = &replayed{Reader: io.MultiReader(strings.NewReader(string(body)), r.Body), Closer: r.Body}
	return nil, false
}

// Message returns the message of a body that is an envelope with one that is not
// compressed. ok is false if the body is anything else.
func Message(body []byte) (message []byte, ok bool) {
	if len(body) < HeadBytes || body[0] != 0 || int64(binary.BigEndian.Uint32(body[1:])) != int64(len(body)-HeadBytes) {
		return nil, false
	}
	return body[HeadBytes:], true
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
