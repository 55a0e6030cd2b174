package server

import (
	"context"
	"fmt"
	"net/http"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"
	_ "google.golang.org/protobuf/types/known/wrapperspb" // the argument types, for reflection to find

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/service"
)

// maxSideMessage bounds requests for health and reflection, in bytes.
const maxSideMessage = 64 << 10

// reflected are the services that reflection lists; it describes itself without.
var reflected = []string{service.Name, grpchealth.HealthV1ServiceName}

// newHandler returns everything that is on the port. Streams without an end of
// their own end when closing does.
func newHandler(closing context.Context, cfg *Config, tasks service.Config, health *health) http.Handler {
	mux := http.NewServeMux()
	path, handler := service.NewHandler(tasks)
	mux.Handle(path, rpc.Uncached(handler))
	for _, stream := range []string{
		taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure, taskschedulerpbconnect.TaskSchedulerWatchTaskProcedure,
	} {
		mux.Handle(stream, untilShutdown(closing, handler))
	}

	for path, handler = range sideServices(health, reflected...) {
		mux.Handle(path, untilShutdown(closing, handler))
	}
	mux.HandleFunc("/", notFound)
	return allowOrigins(cfg, rpc.Correct(mux))
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
			return path, rpc.Uncompressed(handler)
		},
	} {
		path, handler := mount()
		handlers[path] = handler
	}
	return handlers
}

// notFound tells whoever opens the address in a browser what is here.
func notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprintf(w, "Task Scheduler has nothing at this path. It answers gRPC, gRPC-Web and Connect calls of %s.\n", service.Name)
}
