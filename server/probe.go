package server

import (
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/taskscheduler/taskscheduler/internal/listen"
	"github.com/taskscheduler/taskscheduler/internal/stats/metrics"
)

// openProbes opens the port that cfg asks for, for those who watch over the
// server and have no rights; nil if it asks for none.
func openProbes(cfg *Config) (*endpoint, error) {
	if cfg.ProbeAddr == "" {
		return nil, nil //nolint:nilnil // none
	}
	listener, err := listen.Open("Config.ProbeAddr", cfg.ProbeAddr)
	if err != nil {
		return nil, err
	}
	return &endpoint{listener: listener}, nil
}

// waitsFor says what a server with these settings waits for when it starts.
func (c *Config) waitsFor() string {
	switch {
	case len(c.NATS) > 0:
		return "starting: this node waits for the NATS servers"
	case c.ClusterListen != "":
		return "starting: this node waits for the other nodes of its cluster"
	default:
		return "starting"
	}
}

// serveProbes answers probes from now on, long before all is there that is behind
// the other ports: a node that waits for others is well.
func (s *Server) serveProbes() {
	if s.probes == nil {
		return
	}
	probes := s.newProbes(nothingHere("Nothing is at this path. Here are /metrics, /healthz and /readyz."))
	s.probes.answer(&s.config, probes, nil, s.health)
	s.probes.serveBeside(s.config.Logger, "probe port")
}

// ProbeAddr returns the address where probes are answered; nil if they aren't.
func (s *Server) ProbeAddr() net.Addr {
	if s.probes == nil {
		return nil
	}
	return s.probes.listener.Addr()
}

// newMetrics returns the handler of /metrics.
func (s *Server) newMetrics() (http.Handler, error) {
	wrongTokens := func() uint64 { return 0 }
	if s.admin != nil {
		wrongTokens = s.admin.WrongTokens
	}
	handler, err := metrics.NewHandler(metrics.Config{
		Tasks:       s.config.Tasks,
		History:     s.history,
		Counts:      s.scheduler.Counts,
		Admitted:    s.scheduler.Admitted,
		Draining:    s.scheduler.Draining,
		Results:     s.data.count,
		Data:        s.data.usage(),
		Nodes:       s.countNodes(),
		LogBytes:    s.scheduler.LogBytes,
		Retries:     s.scheduler.Retries,
		DeadLetters: s.letters.Totals,
		Plugins:     s.plugins.Plugins,
		WrongTokens: wrongTokens,
		LostLog:     s.config.LostLogLines,
		Version:     s.config.Version,
		Logger:      s.config.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("can't collect metrics: %w", err)
	}
	return handler, nil
}

// newProbes returns a mux of what probes ask for, and of what is at any other
// path.
func (s *Server) newProbes(elsewhere http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("/", elsewhere)
	return mux
}

// nothingHere tells people who open an address in a browser what there is.
func nothingHere(instead string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, instead+"\n") // the client went away
	})
}

// serveMetrics answers with metrics once there is something to measure.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	metrics := s.metrics.Load()
	if metrics == nil {
		http.Error(w, s.config.waitsFor(), http.StatusServiceUnavailable)
		return
	}
	(*metrics).ServeHTTP(w, r)
}

// readyz answers 200 when tasks are taken, as health checks do.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if reason := s.health.unready(); reason != "" {
		http.Error(w, reason, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
