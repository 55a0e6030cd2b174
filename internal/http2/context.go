package http2

import (
	"time"

	"github.com/taskscheduler/taskscheduler/internal/lifetime"
)

// A requestContext is a stream as its request's context. It ends with the
// handler, the stream or the connection. It does what context.WithCancel would,
// without a child to be kept by a parent that all requests share.
type requestContext stream

// Deadline is the connection's: none.
func (r *requestContext) Deadline() (time.Time, bool) { return r.conn.ctx.Deadline() }

// Value is the connection's.
func (r *requestContext) Value(key any) any { return r.conn.ctx.Value(key) }

// Err tells whether it has ended.
func (r *requestContext) Err() error { return r.context.Err() }

// Done is closed when it ends.
func (r *requestContext) Done() <-chan struct{} { return r.context.Done() }

// AfterFunc has package context follow it without a goroutine. What it calls must not
// block.
func (r *requestContext) AfterFunc(f func()) (stop func() bool) { return r.context.AfterFunc(f) }

// Followed is for those who follow it by package lifetime.
func (r *requestContext) Followed() *lifetime.Lifetime { return &r.context }

// cancel ends it.
func (r *requestContext) cancel() { r.context.End() }
