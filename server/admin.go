package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"connectrpc.com/grpchealth"

	"github.com/taskscheduler/taskscheduler/admin"
	"github.com/taskscheduler/taskscheduler/admin/port"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/stats/metrics"
)

// adminOff is the AdminAddr that stands for no admin port.
const adminOff = "off"

// An adminPort is the port that operators use, with what is behind it.
type adminPort struct {
	*port.Port
	endpoint
}

// adminConfig is what cfg says of the admin port, but for TLS.
func (c *Config) adminConfig() port.Config {
	return port.Config{Addr: c.AdminAddr, TokenFile: c.AdminTokenFile, Hosts: c.AdminHosts, Logger: c.Logger}
}

// checkAdmin is check for the fields of the admin port.
func (c *Config) checkAdmin() error {
	if c.AdminAddr == adminOff {
		return nil
	}
	config := c.adminConfig()
	if err := config.Check(); err != nil {
		return err
	}
	return checkTLS(c.adminTLS())
}

func (c *Config) adminTLS() tlsFiles {
	return tlsFiles{setting: "Config.AdminTLS", cert: c.AdminTLSCert, key: c.AdminTLSKey, ca: c.AdminTLSCACert}
}

// openAdmin opens the port that cfg asks for; nil if it asks for none.
func openAdmin(cfg *Config) (p *adminPort, err error) {
	if cfg.AdminAddr == adminOff {
		return nil, nil //nolint:nilnil // a server without an admin port has none to close
	}
	p = new(adminPort)
	config := cfg.adminConfig()
	if cfg.AdminTLSCert != "" {
		if p.certs, err = loadCertificates(cfg.adminTLS(), cfg.Logger); err != nil {
			return nil, err
		}
		config.TLS = p.certs.serverConfig()
	}
	if p.Port, err = port.Listen(config); err != nil {
		return nil, err
	}
	p.listener = p.Port
	return p, nil
}

// serve answers calls until hangUp is called.
func (p *adminPort) serve(cfg *Config) {
	cfg.Logger.Info("admin listens", "addr", p.Addr().String(), "tls", p.certs.mode(), "token", p.AsksForToken())
	p.endpoint.serve()
	go func() {
		<-p.accepting
		select {
		case err := <-p.failed:
			cfg.Logger.Error("the admin listener failed", "error", err)
		default: // hangUp was called
		}
	}()
}

// newAdminHandler returns everything that is on the admin port.
func (s *Server) newAdminHandler(closing context.Context, started time.Time) (http.Handler, error) {
	cfg := &s.config
	scraped, err := metrics.NewHandler(metrics.Config{
		Tasks:    cfg.Tasks,
		History:  s.history,
		Counts:   s.scheduler.Counts,
		Admitted: s.scheduler.Admitted,
		Draining: s.scheduler.Draining,
		Results:  s.results.Len,
		LostLog:  cfg.LostLogLines,
		Plugins:  s.plugins.Plugins,
		Version:  cfg.Version,
		Logger:   cfg.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("can't collect metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", scraped)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("/", adminNotFound)
	mux.Handle(admin.NewHandler(admin.Config{
		Scheduler: s.scheduler,
		Plugins:   s.plugins,
		Tasks:     cfg.Tasks,
		History:   s.history,
		Feed:      s.feed,
		Refuse:    s.refuse,
		Results:   s.results.Len,
		Level:     cfg.LogLevel,
		Logger:    cfg.Logger,
		Audit:     cfg.AuditLogger,
		NodeID:    s.nodeID,
		Version:   cfg.Version,
		Started:   started,
		Limits:    cfg.limits(),
	}))
	for path, handler := range sideServices(adminHealth{s.health}, append([]string{admin.Name}, reflected...)...) {
		mux.Handle(path, handler)
	}
	return untilShutdown(closing, s.admin.Guard(rpc.Correct(mux))), nil
}

// readyz answers 200 when tasks are taken, as health checks do.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if reason := s.health.unready(); reason != "" {
		http.Error(w, reason, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// adminNotFound tells whoever opens the address in a browser what is here.
func adminNotFound(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusNotFound)
	_, _ = io.WriteString(w, "Nothing is at this path. The admin port answers gRPC, gRPC-Web and Connect calls of "+
		admin.Name+", and /metrics, /healthz and /readyz.\n") // the client went away
}

// adminHealth is the server's health as operators see it: the admin service
// goes on serving while the server drains.
type adminHealth struct{ *health }

// Check tells how a service is.
func (h adminHealth) Check(ctx context.Context, request *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	if request.Service == admin.Name {
		return &grpchealth.CheckResponse{Status: grpchealth.StatusServing}, nil
	}
	return h.health.Check(ctx, request)
}

// Watch has onChange called when the answer of Check may have changed.
func (h adminHealth) Watch(ctx context.Context, request *grpchealth.CheckRequest, onChange func()) (stop func(), err error) {
	if request.Service == admin.Name {
		return func() {}, nil
	}
	return h.health.Watch(ctx, request, onChange)
}
