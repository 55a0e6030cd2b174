package tunnel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
)

// served is a call at the end that answers it. It is the handler's
// [http.ResponseWriter], too.
type served struct {
	server  *Server
	visitor *visitor
	number  uint64
	ctx     context.Context //nolint:containedctx // a call is one request, and this is the request's
	cancel  context.CancelCauseFunc
	in      *inflow
	out     *outflow

	header http.Header
	status int // 0: the head is not written
	begun  bool
	body   []byte // written, and not sent
}

func newServed(s *Server, v *visitor, number uint64) *served {
	c := &served{server: s, visitor: v, number: number, header: make(http.Header)}
	c.ctx, c.cancel = context.WithCancelCause(s.ctx)
	c.in = newInflow(func(n int) { _ = s.publish(v.reply, &frame{kind: credit, call: number, credit: uint64(n)}) })
	c.out = newOutflow(func(f *frame) error {
		f.call = number
		return s.publish(v.reply, f)
	})
	return c
}

// receive takes what comes of the request.
func (c *served) receive(f *frame) {
	switch f.kind {
	case data:
		if !c.in.put(f) {
			c.end(ErrLost)
		}
	case credit:
		c.out.grant(f.credit)
	default:
		c.end(context.Canceled)
	}
}

// end has the handler return: nobody waits for it.
func (c *served) end(why error) {
	c.cancel(why)
	c.in.drop(why)
	c.out.fail(why)
}

// serve runs the handler.
func (c *served) serve(r *http.Request) {
	defer c.server.remove(c.visitor, c.number)
	defer c.end(http.ErrBodyReadAfterClose)
	stop := context.AfterFunc(c.ctx, func() { c.end(context.Cause(c.ctx)) })
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			c.server.logger.Error("a call of another node panicked",
				"path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			_ = c.server.publish(c.visitor.reply, &frame{kind: reset, call: c.number, text: "its handler panicked"})
		}
	}()
	r = r.WithContext(c.ctx)
	r.Body = requestBody{c.in}
	c.server.handler.ServeHTTP(c, r)
	if err := c.finish(); err != nil && (c.ctx.Err() == nil || c.server.ctx.Err() != nil) {
		_ = c.server.publish(c.visitor.reply, &frame{kind: reset, call: c.number, text: err.Error()})
	}
}

// requestBody is a body that nobody need close.
type requestBody struct{ *inflow }

// Close implements [io.Closer].
func (b requestBody) Close() error {
	b.drop(http.ErrBodyReadAfterClose)
	return nil
}

// Header implements [http.ResponseWriter].
func (c *served) Header() http.Header { return c.header }

// WriteHeader implements [http.ResponseWriter].
func (c *served) WriteHeader(status int) {
	const firstFinal = 200
	if c.status == 0 && status >= firstFinal {
		c.status = status
	}
}

// Write implements [http.ResponseWriter].
func (c *served) Write(p []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	c.body = append(c.body, p...)
	if len(c.body) >= most(c.server.conn) {
		return len(p), c.FlushError()
	}
	return len(p), nil
}

// FlushError sends what has been written; [http.ResponseController] calls it.
func (c *served) FlushError() error { return c.flush(&frame{kind: data}) }

// Flush implements [http.Flusher].
func (c *served) Flush() { _ = c.FlushError() }

func (c *served) flush(f *frame) error {
	if !c.begun {
		c.WriteHeader(http.StatusOK)
		h := head{status: c.status, length: -1, header: ordinary(c.header)}
		if f.head = h.bytes(); len(f.head) > headRoom/2 {
			return errors.New("the answer's header is too large")
		}
		c.begun = true
	} else if len(c.body) == 0 && !f.end {
		return nil
	}
	err := c.out.write(f, c.body, most(c.server.conn))
	c.body = c.body[:0]
	return err
}

// ordinary returns the header without the trailers, which handlers mark by the
// prefix of their names.
func ordinary(header http.Header) http.Header {
	out := make(http.Header, len(header))
	for key, values := range header {
		if !strings.HasPrefix(key, http.TrailerPrefix) {
			out[key] = values
		}
	}
	return out
}

// finish sends the rest, and the trailers.
func (c *served) finish() error {
	trailer := make(http.Header)
	for key, values := range c.header {
		if name, is := strings.CutPrefix(key, http.TrailerPrefix); is {
			trailer[name] = values
		}
	}
	f := &frame{kind: data, end: true, trailer: appendHeader(nil, trailer)}
	if len(f.trailer) > headRoom/2 {
		return errors.New("the answer's trailer is too large")
	}
	return c.flush(f)
}
