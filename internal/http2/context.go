package http2

import (
	"context"
	"slices"
	"sync"
	"time"
)

// contextState is what a request's context has of its own.
type contextState struct {
	mu    sync.Mutex
	err   error
	done  chan struct{} // nil until somebody asks
	after []*func()
}

// A requestContext is a stream as its request's context. It ends with the
// handler, the stream or the connection. It does what context.WithCancel would,
// without a child to be kept by a parent that all requests share.
type requestContext stream

// Deadline is the connection's: none.
func (r *requestContext) Deadline() (time.Time, bool) { return r.conn.ctx.Deadline() }

// Value is the connection's.
func (r *requestContext) Value(key any) any { return r.conn.ctx.Value(key) }

// Err tells whether it has ended.
func (r *requestContext) Err() error {
	s := &r.context
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Done is closed when it ends.
func (r *requestContext) Done() <-chan struct{} {
	s := &r.context
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		s.done = make(chan struct{})
		if s.err != nil {
			close(s.done)
		}
	}
	return s.done
}

// AfterFunc is how package context links contexts to one that isn't its own
// without a goroutine each. What it calls must not block.
func (r *requestContext) AfterFunc(f func()) (stop func() bool) {
	s := &r.context
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		go f()
		return func() bool { return false }
	}
	entry := &f
	s.after = append(s.after, entry)
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		i := slices.Index(s.after, entry)
		if i < 0 {
			return false
		}
		s.after = slices.Delete(s.after, i, i+1)
		return true
	}
}

// cancel ends it.
func (r *requestContext) cancel() {
	s := &r.context
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return
	}
	s.err = context.Canceled
	if s.done != nil {
		close(s.done)
	}
	after := s.after
	s.after = nil
	s.mu.Unlock()
	for _, f := range after {
		(*f)()
	}
}
