package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"connectrpc.com/grpchealth"

	"github.com/taskscheduler/taskscheduler/admin"
	"github.com/taskscheduler/taskscheduler/internal/stats/metrics"
)

// newAdminHandler returns everything that is on the admin port.
func (s *Server) newAdminHandler(closing context.Context, started time.Time) (http.Handler, error) {
	cfg := &s.config
	figures, err := metrics.NewHandler(metrics.Config{
		Tasks:    cfg.Tasks,
		Activity: s.activity,
		Counts:   s.scheduler.Counts,
		Admitted: s.scheduler.Admitted,
		Draining: s.scheduler.Draining,
		Results:  s.results.Len,
		Plugins:  s.plugins.Plugins,
		Version:  cfg.Version,
		Logger:   cfg.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("can't collect metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", figures)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("/", adminNotFound)
	mux.Handle(admin.NewHandler(admin.Config{
		Scheduler: s.scheduler,
		Plugins:   s.plugins,
		Tasks:     cfg.Tasks,
		Activity:  s.activity,
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
	handler := newAccess(cfg, s.admin.listener.Addr(), s.admin.tokens, mux)
	return untilShutdown(closing, handler), nil
}

// readyz answers 200 when new tasks would be taken, with all plugins that were
// there at the start.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	reason := ""
	select {
	case <-s.plugins.Ready():
	default:
		reason = "plugins are being loaded"
	}
	if s.health.draining.Load() {
		reason = "draining"
	}
	if reason != "" {
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
