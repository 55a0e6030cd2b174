package server

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
)

// An endpoint is a listener, and what answers there.
type endpoint struct {
	listener net.Listener
	certs    *certificates // nil: plain text
	http     *http.Server
	// uncoalesced leaves out the [coalesce.Conn] below every connection, for a
	// benchmark to compare.
	uncoalesced bool

	linger    func()        // returns when connections that are closed have nothing to write any more
	accepting chan struct{} // closed when it is over
	failed    chan error    // gets why, unless hangUp was called
}

// serve answers calls until hangUp is called, or the listener fails.
func (e *endpoint) serve() {
	wrapped := &coalesce.Listener{Listener: e.listener}
	var listener net.Listener = wrapped
	if e.uncoalesced {
		listener = e.listener
	}
	e.linger, e.accepting, e.failed = wrapped.Wait, make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(e.accepting)
		var err error
		if e.certs != nil {
			err = e.http.ServeTLS(listener, "", "")
		} else {
			err = e.http.Serve(listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			e.failed <- err
		}
	}()
}

// hangUp closes the listener and all connections, and gives clients until ctx
// ends to take their answers. It returns when nothing is left of them.
func (e *endpoint) hangUp(ctx context.Context) {
	if err := e.http.Shutdown(ctx); err != nil {
		_ = e.http.Close() // whoever still hangs on has been waited for
	}
	_ = e.listener.Close() // when ctx ended before net/http knew of it
	<-e.accepting
	e.linger()
}
