package http2

import (
	"os"
	"time"

	"golang.org/x/net/http2"
)

// startDeadlines starts those that the server's settings put on every request.
func (st *stream) startDeadlines() {
	l := st.conn.limits
	if l.readTimeout > 0 && !st.remoteEnded.Load() {
		b := &st.body
		b.mu.Lock()
		b.began = time.Now()
		b.timer = time.AfterFunc(l.readTimeout, st.bodyOverdue)
		b.mu.Unlock()
	}
	if l.writeTimeout > 0 {
		st.setWriteDeadline(time.Now().Add(l.writeTimeout))
	}
}

// bodyOverdue ends reads, unless the body comes in at a pace that earns more
// time.
func (st *stream) bodyOverdue() {
	l, b := st.conn.limits, &st.body
	b.mu.Lock()
	if rate := int64(l.MinBodyRate); rate > 0 && !b.began.IsZero() {
		earned := l.readTimeout + time.Duration(b.received/rate)*time.Second
		if left := earned - time.Since(b.began); left > 0 {
			b.timer.Reset(left)
			b.mu.Unlock()
			return
		}
	}
	b.mu.Unlock()
	b.fail(os.ErrDeadlineExceeded)
}

// SetReadDeadline bounds reads of the body, in place of what the server's
// settings say. Once it is over it can't be moved.
func (w *responseWriter) SetReadDeadline(deadline time.Time) error {
	st, b := (*stream)(w), &w.body
	b.mu.Lock()
	if b.timer != nil {
		b.timer.Stop()
	}
	b.began = time.Time{}
	left := time.Until(deadline)
	if !deadline.IsZero() && left > 0 {
		b.timer = time.AfterFunc(left, st.bodyOverdue)
	}
	b.mu.Unlock()
	if !deadline.IsZero() && left <= 0 {
		b.fail(os.ErrDeadlineExceeded)
	}
	return nil
}

// SetWriteDeadline bounds the response: when it is over, the stream is reset.
func (w *responseWriter) SetWriteDeadline(deadline time.Time) error {
	(*stream)(w).setWriteDeadline(deadline)
	return nil
}

// EnableFullDuplex changes nothing: a request can always be read while it is
// answered.
func (w *responseWriter) EnableFullDuplex() error { return nil }

func (st *stream) setWriteDeadline(deadline time.Time) {
	c := st.conn
	c.mu.Lock()
	if st.writeTimer != nil {
		st.writeTimer.Stop()
		st.writeTimer = nil
	}
	left := time.Until(deadline)
	if !deadline.IsZero() && left > 0 {
		st.writeTimer = time.AfterFunc(left, st.writeOverdue)
	}
	c.mu.Unlock()
	if !deadline.IsZero() && left <= 0 {
		st.writeOverdue()
	}
}

func (st *stream) writeOverdue() { st.fail(http2.ErrCodeInternal, os.ErrDeadlineExceeded) }

// startStallTimer bounds a wait for the peer to let something through.
func (st *stream) startStallTimer() (stop func() bool) {
	return time.AfterFunc(st.conn.limits.StallTimeout, func() {
		st.fail(http2.ErrCodeCancel, os.ErrDeadlineExceeded)
	}).Stop
}
