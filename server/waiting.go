package server

import (
	"context"
	"errors"
	"net/http"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
)

// waits tells whether a server with these settings may have to wait for others when it
// starts.
func (c *Config) waits() bool { return len(c.NATS) > 0 || c.ClusterListen != "" }

// serveOperators answers operators from now on, if the server may have to wait for
// others: until all is there, they are told what is waited for.
func (s *Server) serveOperators() {
	if s.admin == nil || !s.config.waits() {
		return
	}
	waiting := s.admin.Guard(rpc.Correct(s.newProbes(http.HandlerFunc(s.sayWaiting))),
		func(context.Context, adminport.Caller, string, string) {})
	s.answerOperators(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler := s.forOperators.Load(); handler != nil {
			(*handler).ServeHTTP(w, r)
			return
		}
		waiting.ServeHTTP(w, r)
	}))
	s.admin.serveBeside(s.config.Logger, "admin")
}

// answerOperators makes handler what answers operators.
func (s *Server) answerOperators(handler http.Handler) {
	s.admin.answer(&s.config, handler, nil, s.health)
	s.admin.http.ConnContext = adminport.ConnContext
}

// sayWaiting answers what can't be answered yet.
func (s *Server) sayWaiting(w http.ResponseWriter, r *http.Request) {
	reason := s.health.unready() + "; its log says which are missing"
	write := connect.NewErrorWriter()
	if !write.IsSupported(r) {
		http.Error(w, reason, http.StatusServiceUnavailable)
		return
	}
	_ = write.Write(w, r, connect.NewError(connect.CodeUnavailable, errors.New(reason))) // who has asked may have gone
}
