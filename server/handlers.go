package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"
	_ "google.golang.org/protobuf/types/known/wrapperspb" // the argument types, for reflection to find

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/http2"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/service"
)

// maxSideMessage bounds requests for health and reflection, in bytes.
const maxSideMessage = 64 << 10

// reflected are the services that reflection lists; it describes itself without.
var reflected = []string{service.Name, grpchealth.HealthV1ServiceName}

// newHandler returns everything that is on the port. Streams without an end of
// their own end when closing does.
func newHandler(closing context.Context, cfg *Config, tasks service.Config, health *health) (http.Handler, http2.Shortcut) {
	prefix, handler := service.NewHandler(tasks)
	shortcut, _ := handler.(http2.Shortcut)
	if len(cfg.CORSOrigins) > 0 { // which have something to say about every answer
		shortcut = nil
	}
	handler = rpc.Uncached(handler)
	streams := untilShutdown(closing, handler)
	mux := http.NewServeMux()
	for path, handler := range sideServices(health, reflected...) {
		mux.Handle(path, untilShutdown(closing, handler))
	}
	mux.HandleFunc("/", notFound)
	others := rpc.Correct(mux)
	return allowOrigins(cfg, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; { // a ServeMux would be a tenth of a small call
		case path == taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure,
			path == taskschedulerpbconnect.TaskSchedulerWatchTaskProcedure:
			streams.ServeHTTP(w, r)
		case strings.HasPrefix(path, prefix):
			handler.ServeHTTP(w, r)
		default:
			others.ServeHTTP(w, r)
		}
	})), shortcut
}

// sideServices returns health, and reflection of these services, by path.
func sideServices(health grpchealth.Checker, services ...string) map[string]http.Handler {
	limit := connect.WithReadMaxBytes(maxSideMessage)
	reflector := grpcreflect.NewStaticReflector(services...)
	handlers := make(map[string]http.Handler)
	for _, mount := range []func() (string, http.Handler){
		func() (string, http.Handler) { return grpcreflect.NewHandlerV1(reflector, limit) },
		func() (string, http.Handler) { return grpcreflect.NewHandlerV1Alpha(reflector, limit) },
		func() (string, http.Handler) {
			path, handler := grpchealth.NewHandler(health, limit)
			return path, rpc.Explain(rpc.Uncompressed(handler), path+"Watch")
		},
	} {
		path, handler := mount()
		handlers[path] = handler
	}
	return handlers
}

// notFound tells people who open the address in a browser what is here.
func notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprintf(w, "Task Scheduler has nothing at this path. It answers gRPC, gRPC-Web and Connect calls of %s.\n", service.Name)
}
