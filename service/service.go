// Package service answers the wire contract's rpcs. Protobuf messages stop
// here.
//
// The rpcs that carry tasks and results have messages of internal/wire, read
// and written by hand, the others generated ones. A plain unary gRPC call of
// SubmitTask takes a shorter way (plain.go) to the same [service.submit].
package service

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"path"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// Name is the service's name on the wire.
const Name = taskschedulerpbconnect.TaskSchedulerName

// Config is what the service needs; all fields but AwaitPlugin, Bodies and Nodes must be set.
type Config struct {
	Scheduler *scheduler.Scheduler
	Tasks     *task.Registry
	Logger    *slog.Logger
	// NodeID names this node in every answer.
	NodeID string
	// MaxMessageBytes bounds a request, decompressed.
	MaxMessageBytes int
	// MaxDependencies bounds the dependencies of a task.
	MaxDependencies int
	// MaxWait bounds how long WaitResult waits.
	MaxWait time.Duration
	// MaxWatchers bounds the WatchTask streams. Zero: no bound.
	MaxWatchers int
	// AwaitPlugin returns when the plugin of that name has been loaded, if its file
	// is there, or ctx is over. Nil: there are no plugins.
	AwaitPlugin func(ctx context.Context, plugin string)
	// Bodies is the budget of the requests that are being read. Nil: no bound.
	Bodies *rpc.Bodies
	// Nodes are the other nodes. Nil: this one is alone.
	Nodes nodes
}

// service implements the rpcs that have generated messages; those with messages
// of internal/wire are mounted before them.
type service struct {
	taskschedulerpbconnect.UnimplementedTaskSchedulerHandler

	config   Config
	limits   wire.Limits
	watchdog watchdog
	watchers watchers
	peers    peers
}

func newService(config Config) *service {
	return &service{config: config, limits: wire.Limits{Dependencies: config.MaxDependencies, Tasks: maxBatch}}
}

// NewHandler returns the handler for the path prefix that it returns too. It
// answers gRPC, gRPC-Web and Connect (proto and JSON).
func NewHandler(config Config) (prefix string, handler http.Handler) {
	return newHandler(config, true)
}

// newHandler is NewHandler; plain is false for tests that want Connect to
// answer plain gRPC calls too.
func newHandler(config Config, plain bool) (prefix string, handler http.Handler) {
	s := newService(config)
	codecs := wire.Codecs(s.limits)
	options := append(make([]connect.HandlerOption, 0, 2+len(codecs)),
		rpc.HandlerOptions(config.Logger, config.MaxMessageBytes, config.Bodies),
		rpc.Reads(
			taskschedulerpbconnect.TaskSchedulerGetResultProcedure,
			taskschedulerpbconnect.TaskSchedulerWaitResultProcedure,
			taskschedulerpbconnect.TaskSchedulerGetNodeInfoProcedure,
			taskschedulerpbconnect.TaskSchedulerDescribeTaskProcedure,
		),
	)
	for _, codec := range codecs {
		options = append(options, connect.WithCodec(codec))
	}
	prefix, others := taskschedulerpbconnect.NewTaskSchedulerHandler(s, options...)
	mux := http.NewServeMux()
	mux.Handle(prefix, others)
	mount(mux, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, s.submitTask, options)
	mount(mux, taskschedulerpbconnect.TaskSchedulerSubmitBatchProcedure, s.submitBatch, options)
	mount(mux, taskschedulerpbconnect.TaskSchedulerGetResultProcedure, s.getResult, options)
	mount(mux, taskschedulerpbconnect.TaskSchedulerWaitResultProcedure, s.waitResult, options)
	streams := []string{
		taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure,
		taskschedulerpbconnect.TaskSchedulerWatchTaskProcedure,
	}
	unary := rpc.Explain(withCaller(rpc.Correct(config.Bodies.Handler(mux))), streams...)
	stream := rpc.Explain(withCaller(rpc.Correct(config.Bodies.StreamHandler(connect.NewBidiStreamHandler(
		taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure, s.submitTasks,
		connect.WithSchema(schema("SubmitTasks")), connect.WithHandlerOptions(options...))))), streams...)
	call := unary
	if plain {
		call, stream = &plainCall{service: s, next: unary}, &plainStream{service: s, next: stream}
	}
	all := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure:
			call.ServeHTTP(w, r)
		case taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure:
			stream.ServeHTTP(w, r)
		default:
			unary.ServeHTTP(w, r)
		}
	})
	if !plain {
		return prefix, all
	}
	return prefix, &withShortcut{Handler: all, service: s}
}

// schema describes an rpc.
func schema(name string) protoreflect.MethodDescriptor {
	return pb.File_taskscheduler_task_scheduler_proto.Services().ByName("TaskScheduler").Methods().ByName(protoreflect.Name(name))
}

// mount does what the generated code does for an rpc, with other messages.
func mount[Request, Response any, Answer interface {
	*Response
	rpc.Answer
}](
	mux *http.ServeMux, procedure string,
	answer func(context.Context, *Request) (Answer, error), options []connect.HandlerOption,
) {
	mux.Handle(procedure, connect.NewUnaryHandlerSimple(procedure,
		func(ctx context.Context, request *Request) (*Response, error) {
			rpc.BodyRead(ctx)
			response, err := answer(ctx, request)
			if err == nil {
				err = rpc.Answering(ctx, response)
			}
			return response, rpc.Error(err)
		}, connect.WithSchema(schema(path.Base(procedure))), connect.WithHandlerOptions(options...)))
}

// milliseconds converts a request's duration; one too long for a
// time.Duration becomes the longest.
func milliseconds(ms uint64) time.Duration {
	return time.Duration(min(ms, uint64(math.MaxInt64/time.Millisecond))) * time.Millisecond
}
