package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"

	"github.com/taskscheduler/taskscheduler/task"
)

// A call is one request and its answer, whose body it is.
type call struct {
	link   *link
	number uint64
	ctx    context.Context //nolint:containedctx // a call is one request, and this is the request's
	in     *inflow
	out    *outflow
	stop   func() bool // of what ends it with its context

	mu       sync.Mutex
	over     bool
	err      error
	response *http.Response // nil until its head is there
	trailer  http.Header
	answered chan struct{} // closed with response or err
}

func newCall(l *link, r *http.Request) *call {
	c := &call{link: l, ctx: r.Context(), trailer: make(http.Header), answered: make(chan struct{})}
	c.in = newInflow(func(n int) { _ = l.send(&frame{kind: credit, call: c.number, credit: uint64(n)}) })
	c.out = newOutflow(func(f *frame) error {
		f.call = c.number
		return l.send(f)
	})
	return c
}

// open sends the request. If only its beginning is there yet, there is more, which
// goes on its way by itself.
func (c *call) open(r *http.Request) (more bool, err error) {
	if err := c.ctx.Err(); err != nil {
		return false, err
	}
	h := head{method: r.Method, target: r.URL.RequestURI(), from: c.link.transport.node, length: lengthOf(r), header: r.Header}
	first, more, err := beginning(r, most(c.link.transport.conn))
	if err != nil {
		return false, err
	}
	f := &frame{kind: open, head: h.bytes(), body: first, end: !more}
	if len(f.head) > headRoom/2 {
		return false, task.Errorf(task.InvalidArgument, "the request's header has %d bytes; %d go between nodes", len(f.head), headRoom/2)
	}
	c.out.next, c.out.credit = 1, window-len(first)
	l := c.link
	err = l.add(c, func() error {
		f.call = c.number
		return l.transport.publish(l.subject, l.opening(c.number), f)
	})
	if err != nil {
		return false, err
	}
	c.watch()
	if more {
		go c.pump(r.Body)
	}
	return more, nil
}

// lengthOf returns the length of a request's body, -1 if it isn't known.
func lengthOf(r *http.Request) int64 {
	if r.ContentLength == 0 && r.Body != nil && r.Body != http.NoBody {
		return -1
	}
	return r.ContentLength
}

// watch has the call end with its context.
func (c *call) watch() {
	stop := context.AfterFunc(c.ctx, func() { c.cancel(c.ctx.Err()) })
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		stop()
		return
	}
	c.stop = stop
}

// beginning reads as much of a request's body as is there and goes into one
// message. Nobody waits for the rest.
func beginning(r *http.Request, most int) (first []byte, more bool, err error) {
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		return nil, false, nil
	case r.ContentLength <= 0: // as net/http has it, a length of 0 is none
		return nil, true, nil
	}
	first = make([]byte, min(int(r.ContentLength), most))
	if _, err := io.ReadFull(r.Body, first); err != nil {
		return nil, false, fmt.Errorf("the request's body: %w", err)
	}
	return first, int64(len(first)) < r.ContentLength, nil
}

// pump sends the rest of the body as it comes.
func (c *call) pump(body io.ReadCloser) {
	defer body.Close()
	piece := make([]byte, most(c.link.transport.conn))
	for {
		n, err := body.Read(piece)
		end := errors.Is(err, io.EOF)
		if n > 0 || end {
			if c.out.write(&frame{kind: data, end: end}, piece[:n], len(piece)) != nil {
				return // the call is over
			}
		}
		if err != nil && !end {
			c.cancel(fmt.Errorf("the request's body: %w", err))
		}
		if err != nil {
			return
		}
	}
}

// await waits for the answer's head.
func (c *call) await(r *http.Request) (*http.Response, error) {
	<-c.answered
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.response == nil {
		return nil, c.err
	}
	c.response.Request = r
	return c.response, nil
}

// take takes what comes of the answer.
func (c *call) take(f *frame) {
	if f.number == 0 {
		h, err := readHead(f.head)
		if err != nil {
			c.cancel(fmt.Errorf("the answer: %w", err))
			return
		}
		c.begin(&h)
	}
	if f.end {
		if t, err := readHead(f.trailer); err == nil {
			maps.Copy(c.trailer, t.header) // before the reader sees the end
		}
		c.link.remove(c) // likewise: who has read all of the answer finds no call left
	}
	if !c.in.put(f) {
		c.cancel(fmt.Errorf("%w: messages are missing", ErrLost))
		return
	}
	if f.end {
		c.finish(nil)
	}
}

// begin hands out the answer.
func (c *call) begin(h *head) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.response != nil || c.over {
		return
	}
	c.response = &http.Response{
		Status: http.StatusText(h.status), StatusCode: h.status, Proto: "HTTP/2.0", ProtoMajor: 2,
		Header: h.header, ContentLength: -1, Body: c, Trailer: c.trailer,
	}
	close(c.answered)
}

// finish ends the call here; false: it had ended.
func (c *call) finish(err error) bool {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return false
	}
	c.over, c.err = true, err
	if c.response == nil {
		close(c.answered)
	}
	stop := c.stop
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
	c.link.remove(c)
	if err == nil {
		err = io.ErrClosedPipe // the handler has returned, and reads no more
	}
	c.out.fail(err)
	return true
}

// fail is finish for a call of which there will be no more.
func (c *call) fail(err error) {
	if c.finish(err) {
		c.in.fail(err)
	}
}

// cancel is fail, and tells the other side.
func (c *call) cancel(err error) {
	if c.finish(err) {
		c.in.fail(err)
		_ = c.link.send(&frame{kind: cancel, call: c.number}) // it will be asked for no more, else
	}
}

// Read implements [io.Reader].
func (c *call) Read(p []byte) (int, error) { return c.in.Read(p) }

// Close ends the call if it hasn't.
func (c *call) Close() error {
	c.cancel(http.ErrBodyReadAfterClose)
	c.in.drop(http.ErrBodyReadAfterClose)
	return nil
}
