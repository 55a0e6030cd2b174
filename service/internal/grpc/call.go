package grpc

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/http2"
	"github.com/taskscheduler/taskscheduler/task"
)

// A Call is what the header of a plain call says.
type Call struct {
	timeout     time.Duration // that the client waits; or noTimeout
	contentType string
	compress    bool
}

// noTimeout is for a call that has all the time there is.
const noTimeout time.Duration = -1

// Plain reads the header of a plain call. ok is false if it is any other one's.
func Plain(r *http.Request) (c Call, ok bool) {
	if c.timeout, ok = plainHeader(r); !ok {
		return Call{}, false
	}
	c.contentType, c.compress = r.Header["Content-Type"][0], acceptsGzip(r.Header)
	return c, true
}

// Compress tells whether the answer's messages may be compressed.
func (c *Call) Compress() bool { return c.compress }

// Context returns the context of a call: parent, which ends with the client's
// deadline, and at the latest when end is called.
func (c *Call) Context(parent context.Context) (ctx context.Context, end context.CancelFunc) {
	if c.timeout == noTimeout {
		return parent, func() {}
	}
	return context.WithTimeout(parent, c.timeout)
}

// Header returns the header of the answer, but for its status and date.
func (c *Call) Header() []http2.Field {
	header := []http2.Field{
		{Name: "content-type", Value: c.contentType},
		{Name: "grpc-accept-encoding", Value: "gzip"},
	}
	if c.compress {
		header = append(header, http2.Field{Name: "grpc-encoding", Value: "gzip"})
	}
	return header
}

// Succeeded is the trailer of a call that has an answer.
var Succeeded = []http2.Field{{Name: "grpc-status", Value: "0"}}

// Failed returns the trailer of one that has failed.
func Failed(err error) []http2.Field {
	e := task.ErrorOf(err)
	trailer := []http2.Field{
		{Name: "grpc-status", Value: strconv.Itoa(int(e.Code))},
		{Name: "grpc-message", Value: percentEncode(e.Error())},
	}
	if text := details(err, e); text != "" {
		trailer = append(trailer, http2.Field{Name: "grpc-status-details-bin", Value: text})
	}
	return trailer
}
