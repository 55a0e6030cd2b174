package rpc

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/task"
)

// Bodies bounds what the bodies of the requests that are being read hold
// together, compressed and decompressed. A nil Bodies bounds nothing. All
// methods are safe for concurrent use.
type Bodies struct {
	limit int64
	held  atomic.Int64

	answers atomic.Int64 // bytes of answers that are on their way

	peak atomic.Int64 // of held, in a burst; 0: there is none
	gone func()       // nil: nobody wants to know
}

// NewBodies returns a budget of that many bytes.
func NewBodies(limit int64) *Bodies { return &Bodies{limit: limit} }

// burst is how many bytes bodies must have held for the end of that to be told.
const burst = 64 << 20

// WhenGone has f called, on a goroutine of its own, each time when bodies have
// held much memory and most of it is given back. It is called before the budget
// is used.
func (b *Bodies) WhenGone(f func()) { b.gone = f }

// Held returns how many bytes are taken now.
func (b *Bodies) Held() int64 { return b.held.Load() }

// Take takes n bytes; the error says that there is no room for them.
func (b *Bodies) Take(n int64) error {
	if b == nil {
		return nil
	}
	held := b.held.Add(n)
	if held <= b.limit {
		if held > burst {
			b.raise(held)
		}
		return nil
	}
	b.held.Add(-n)
	return connect.NewError(connect.CodeResourceExhausted,
		task.Errorf(task.ResourceExhausted, "the requests that are being read hold too many bytes; try again later"))
}

// raise notes how much a burst holds.
func (b *Bodies) raise(held int64) {
	peak := b.peak.Load()
	for held > peak && !b.peak.CompareAndSwap(peak, held) {
		peak = b.peak.Load()
	}
}

// GiveBack gives back what was taken.
func (b *Bodies) GiveBack(n int64) {
	if b == nil {
		return
	}
	held := b.held.Add(-n)
	if peak := b.peak.Load(); peak > 0 && held < peak/8 && b.peak.CompareAndSwap(peak, 0) && b.gone != nil {
		go b.gone()
	}
}

// A body must come at a pace: its n-th byte within pauseAllowed and n bytes at
// slowestPace.
const (
	pauseAllowed = 10 * time.Second
	slowestPace  = 64 << 10 // bytes a second
)

// Handler counts what next reads of requests' bodies, and gives it back when
// next calls [BodyRead], or returns. A body that comes too slowly ends with an
// error, as does one for which there is no room.
func (b *Bodies) Handler(next http.Handler) http.Handler { return b.handler(next, true) }

// StreamHandler is Handler for streams, whose bodies come at whatever pace, as
// long as they like.
func (b *Bodies) StreamHandler(next http.Handler) http.Handler { return b.handler(next, false) }

func (b *Bodies) handler(next http.Handler, paced bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !paced {
			// An error means that the connection has no deadlines.
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
		body := &countedBody{ReadCloser: r.Body, budget: b, response: w, paced: paced, json: asksForJSON(r)}
		defer body.release()
		defer body.answered()
		r = r.WithContext(context.WithValue(r.Context(), bodyKey{}, body))
		if r.Body != http.NoBody && r.Body != nil {
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// asksForJSON tells whether the answer will be JSON; Connect's GET says it in
// the query.
func asksForJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Content-Type"), "json") || strings.Contains(r.URL.RawQuery, "json")
}

type bodyKey struct{}

// BodyRead says that the request of ctx is read and its body not needed any
// more. What is kept of it has a budget of its own from now on.
func BodyRead(ctx context.Context) {
	if body, ok := ctx.Value(bodyKey{}).(*countedBody); ok {
		body.release()
	}
}

// countedBody is a request's body. One goroutine reads it; release may be
// called by another.
type countedBody struct {
	io.ReadCloser
	budget   *Bodies
	response http.ResponseWriter
	paced    bool

	began    time.Time // zero until the second Read: most bodies come with the first
	received int64
	taken    atomic.Int64
	json     bool
	answer   int // bytes taken for it
}

// Read reads the body.
func (c *countedBody) Read(p []byte) (int, error) {
	if c.paced && c.received > 0 {
		c.keepPace()
	}
	n, err := c.ReadCloser.Read(p)
	c.received += int64(n)
	if n > 0 {
		if full := c.budget.Take(int64(n)); full != nil {
			return 0, full
		}
		c.taken.Add(int64(n))
	}
	return n, err
}

// keepPace sets by when the next bytes have to be there.
func (c *countedBody) keepPace() {
	if c.began.IsZero() {
		c.began = time.Now()
	}
	due := c.began.Add(pauseAllowed + time.Duration(c.received)*time.Second/slowestPace)
	// An error means that the connection has no deadlines, or is gone.
	_ = http.NewResponseController(c.response).SetReadDeadline(due)
}

func (c *countedBody) release() { c.budget.GiveBack(c.taken.Swap(0)) }
