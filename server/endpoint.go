package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// The choices of [Config.HTTP2].
const (
	// http2Own is this module's own HTTP/2, made for many small calls.
	http2Own = "own"
	// http2Standard is that of net/http.
	http2Standard = "standard"
)

// An endpoint is a listener, and what answers there.
type endpoint struct {
	listener net.Listener
	certs    *certificates // nil: plain text
	http     *http.Server
	http2    *http2.Server // nil: net/http's
	halves   halves

	linger    func()        // returns when connections that are closed have nothing to write any more
	accepting chan struct{} // closed when it is over
	failed    chan error    // gets why, unless hangUp was called
}

// answer makes handler what answers, in every protocol. Shortcut, if not nil, spares
// some calls it.
func (e *endpoint) answer(cfg *Config, handler http.Handler, shortcut http2.Shortcut, health *health) {
	var config *tls.Config
	if e.certs != nil {
		config = e.certs.serverConfig()
	}
	e.http = newHTTPServer(cfg, handler, health, config)
	if cfg.HTTP2 == http2Standard {
		return
	}
	e.http.ConnState = e.halves.note
	e.http2 = http2.New(e.http, http2.Options{
		MaxConnectionAge: cfg.MaxConnectionAge,
		// Whatever was going to end has ended by then.
		MaxConnectionAgeGrace: max(cfg.MaxWait, cfg.DrainTimeout),
		Shortcut:              shortcut,
	})
}

// serve answers calls until hangUp is called, or the listener fails.
func (e *endpoint) serve() {
	listener := e.wrap()
	e.accepting, e.failed = make(chan struct{}), make(chan error, 1)
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

// wrap returns the listener to serve from. Our own HTTP/2 gathers what it
// writes by itself; net/http's needs a [coalesce.Conn].
func (e *endpoint) wrap() net.Listener {
	e.linger = func() {}
	switch {
	case e.http2 == nil:
		wrapped := &coalesce.Listener{Listener: e.listener}
		e.linger = wrapped.Wait
		return wrapped
	case e.certs == nil:
		return e.http2.Listener(e.listener)
	default: // net/http hands over what negotiates HTTP/2
		return e.listener
	}
}

// serveBeside is serve for a port without which the server goes on.
func (e *endpoint) serveBeside(logger *slog.Logger, name string) {
	logger.Info(name+" listens", "addr", e.listener.Addr().String(), "tls", e.certs.mode())
	e.serve()
	go func() {
		<-e.accepting
		select {
		case err := <-e.failed:
			logger.Error(name+" failed", "error", err)
		default: // hangUp was called
		}
	}()
}

// hangUp closes the listener and all connections, and gives clients until ctx
// ends to take their answers, but none to send the rest of a request. It returns
// when nothing is left of them.
func (e *endpoint) hangUp(ctx context.Context) {
	unfinished, over := context.WithCancel(ctx)
	var leaving, halves sync.WaitGroup
	halves.Go(func() { e.endHalves(unfinished) })
	if e.http2 != nil {
		leaving.Go(func() { _ = e.http2.Shutdown(ctx) }) // the error is only that of ctx, and all is closed then
	}
	if err := e.http.Shutdown(ctx); err != nil {
		_ = e.http.Close() // those that are still connected have been waited for
	}
	leaving.Wait()
	over()
	halves.Wait()
	_ = e.listener.Close() // when ctx ended before net/http knew of it
	<-e.accepting
	e.linger()
}
