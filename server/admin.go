package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// An adminPort is the listener that operators use, with what is behind it.
type adminPort struct {
	listener  net.Listener
	certs     *certificates // nil: plain text
	tokens    *tokens       // nil: none is needed
	http      *http.Server
	lingering *sync.WaitGroup
	accepting chan struct{} // closed when it is over
}

// openAdmin opens the listener that cfg asks for; nil if it asks for none.
func openAdmin(cfg *Config) (*adminPort, error) {
	if cfg.AdminAddr == adminOff {
		return nil, nil //nolint:nilnil // none
	}
	p := new(adminPort)
	var err error
	if cfg.AdminTLSCert != "" {
		if p.certs, err = loadCertificates(cfg.adminTLS(), cfg.Logger); err != nil {
			return nil, err
		}
	}
	if cfg.AdminTokenFile != "" {
		if p.tokens, err = loadTokens(cfg.AdminTokenFile, cfg.Logger); err != nil {
			return nil, err
		}
	}
	if p.listener, err = listenAdmin(cfg.AdminAddr); err != nil {
		return nil, err
	}
	if err := cfg.checkAdminReach(p.listener.Addr()); err != nil {
		return nil, errors.Join(err, p.listener.Close())
	}
	return p, nil
}

// serve answers calls until hangUp is called.
func (p *adminPort) serve(cfg *Config) {
	cfg.Logger.Info("admin listens", "addr", p.listener.Addr().String(),
		"tls", p.certs.mode(), "token", p.tokens != nil)
	wrapped := &coalescingListener{Listener: p.listener}
	p.lingering, p.accepting = &wrapped.lingering, make(chan struct{})
	go func() {
		defer close(p.accepting)
		err := serveHTTP(p.http, wrapped, p.certs)
		if !errors.Is(err, http.ErrServerClosed) {
			cfg.Logger.Error("the admin listener failed", "error", err)
		}
	}()
}

// hangUp closes the listener and all connections. It returns when nothing is
// left of them, which is soon after ctx ends.
func (p *adminPort) hangUp(ctx context.Context) {
	if err := p.http.Shutdown(ctx); err != nil {
		_ = p.http.Close() // whoever still hangs on has been waited for
	}
	_ = p.listener.Close() // when ctx ended before net/http knew of it
	<-p.accepting
	p.lingering.Wait()
}
