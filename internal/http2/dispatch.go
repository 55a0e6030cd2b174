package http2

import (
	"net/http"
	"runtime"

	"golang.org/x/net/http2"
)

// open puts st on the connection's table. If it isn't served, err says whether
// the client is to hear of it.
func (c *conn) open(st *stream) (ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.goingAway >= lastCall: // it knows, or will soon
		c.ownResets.add(st.id)
		return false, nil
	case len(c.streams) >= c.limits.streams:
		return false, http2.StreamError{StreamID: st.id, Code: http2.ErrCodeRefusedStream}
	}
	c.streams[st.id] = st
	st.sendWindow = c.newWindow
	c.lastOpened = st.id
	// Handlers of streams that were reset may still run: they count.
	if c.running < c.limits.streams {
		c.running++
	} else {
		st.queued = true
	}
	return true, nil
}

// startPending starts the handler of the request that was read last.
func (c *conn) startPending() {
	st := c.pending
	if st == nil {
		return
	}
	c.pending = nil
	st.startDeadlines()
	if st.queued && !c.dequeue(st) {
		return
	}
	select {
	case c.work <- st:
	default:
		go c.worker(st)
	}
}

// A worker calls handlers, st's first. Its stack has grown to what they need,
// which costs a fifth of a small call, so that it waits for others, if not too
// many wait already.
func (c *conn) worker(st *stream) {
	for st != nil {
		if st = st.run(); st == nil {
			st = c.awaitWork()
		}
	}
}

// awaitWork waits for a request. When there is none, the worker has to end.
func (c *conn) awaitWork() *stream {
	defer c.idleWorkers.Add(-1)
	if int(c.idleWorkers.Add(1)) > c.server.idleWorkers() {
		return nil
	}
	return <-c.work
}

// releaseWorkers ends those that wait. c.mu is held, so that the channel isn't
// closed yet.
func (c *conn) releaseWorkers() {
	for {
		select {
		case c.work <- nil:
		default:
			return
		}
	}
}

// idleWorkers is how many workers a connection may keep waiting.
func (s *Server) idleWorkers() int {
	const all, perConn = 2048, 64
	return min(perConn, all/max(1, int(s.open.Load())))
}

// dequeue tells whether st may start now after all; if not, another handler's
// end starts it.
func (c *conn) dequeue(st *stream) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running < c.limits.streams {
		c.running++
		return true
	}
	if len(c.waitingRun) > 2*c.limits.streams { // no more than half of them are open
		open := c.waitingRun[:0]
		for _, other := range c.waitingRun {
			if !other.closed {
				open = append(open, other)
			}
		}
		clear(c.waitingRun[len(open):])
		c.waitingRun = open
	}
	c.waitingRun = append(c.waitingRun, st)
	return false
}

// dropPending forgets st if it is the request that was read last: it is not
// worth a handler any more.
func (c *conn) dropPending(st *stream) {
	if c.pending != st {
		return
	}
	c.pending = nil
	c.taken(st.body.discard(st.closeErr))
	if st.queued {
		return
	}
	c.mu.Lock()
	next := c.handlerDone()
	c.mu.Unlock()
	if next != nil {
		go c.worker(next)
	}
}

// handlerDone counts a handler out, or returns the stream whose handler takes
// its place. c.mu is held.
func (c *conn) handlerDone() (next *stream) {
	for len(c.waitingRun) > 0 {
		st := c.waitingRun[0]
		c.waitingRun[0] = nil
		c.waitingRun = c.waitingRun[1:]
		if !st.closed {
			return st
		}
	}
	c.running--
	return nil
}

// run calls the handler. It returns the stream whose handler is to be called
// next, if one has waited for this one's end.
func (st *stream) run() (next *stream) {
	returned := false
	defer func() {
		if !returned { // a panic, or runtime.Goexit
			next = st.panicked(recover())
		}
	}()
	if !st.takeShortcut() {
		st.makeRequest()
		st.response = newResponse(st)
		st.conn.handler.ServeHTTP((*responseWriter)(st), st.request)
		st.finish()
	}
	returned = true
	return st.leave()
}

// panicked resets the stream of a handler that didn't return.
func (st *stream) panicked(reason any) (next *stream) {
	if reason != nil && reason != http.ErrAbortHandler { //nolint:errorlint,err113 // net/http compares so, too
		stack := make([]byte, 64<<10)
		stack = stack[:runtime.Stack(stack, false)]
		st.conn.server.logf("http2: panic serving %v: %v\n%s", st.conn.request.RemoteAddr, reason, stack)
	}
	st.fail(http2.ErrCodeInternal, errStreamClosed)
	next = st.leave()
	if reason == nil && next != nil { // this goroutine ends
		go st.conn.worker(next)
		return nil
	}
	return next
}

// leave gives back what a handler has used.
func (st *stream) leave() (next *stream) {
	c := st.conn
	(*requestContext)(st).cancel()
	unread := st.body.discard(http.ErrBodyReadAfterClose)
	c.taken(unread)
	if st.request != nil && st.request.MultipartForm != nil {
		_ = st.request.MultipartForm.RemoveAll() // nobody is left to hear of it
	}
	if st.response != nil {
		st.response.free()
		st.response = nil
	}
	c.mu.Lock()
	if st.writeTimer != nil {
		st.writeTimer.Stop()
	}
	next = c.handlerDone()
	forget := c.ended && c.running == 0
	flush := c.becomeFlusher()
	c.mu.Unlock()
	if forget {
		c.server.forget(c)
	}
	if flush {
		if next != nil {
			go c.flush()
			return next
		}
		c.flush()
	}
	return next
}
