package admin

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	taskpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/audit"
	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/internal/stats/curves"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// Name is the service's name on the wire.
const Name = adminpbconnect.AdminServiceName

// taskScheduler is what the service wants of a [scheduler.Scheduler].
type taskScheduler interface {
	schedulerLoad

	EachExecution(visit func(*scheduler.Execution))
	Cancel(ctx context.Context, id string) (scheduler.Cancellation, error)
	Record(x *scheduler.Execution) journal.Record
	Watch(ctx context.Context, id string, after uint64) (*scheduler.Watch, bool, error)
	Get(ctx context.Context, id string) (o scheduler.Outcome, ok bool, err error)
	Resubmit(ctx context.Context, letter *scheduler.DeadLetter) (id string, err error)
}

// schedulerLoad is how much there is to do for it.
type schedulerLoad interface {
	Counts() (pending, running int)
	Admitted() scheduler.Admitted
	Draining() bool
	LogBytes() int64
	Queued() []scheduler.Queued
}

// pluginLoader is what the service wants of a [loader.Loader].
type pluginLoader interface {
	Plugins() []loader.Plugin
	Load(ctx context.Context, name string) (loader.LoadResult, error)
	Unload(ctx context.Context, name string) error
	Reload(ctx context.Context, name string) (loader.LoadResult, error)
	ReloadAll(ctx context.Context) map[string]error
	Install(ctx context.Context, file string, content []byte, dry bool) (loader.Checked, loader.LoadResult, error)
	Revert(ctx context.Context, name, hash string) (loader.LoadResult, error)
	Replaced(file string) []loader.Version
	Lines(name string) (lines []loader.Line, left uint64)
}

// Config is what the service needs; all fields but Level and Full must be set.
type Config struct {
	// Scheduler is a [scheduler.Scheduler], Plugins a [loader.Loader].
	Scheduler taskScheduler
	Plugins   pluginLoader
	// DeadLetters is a [deadletter.List].
	DeadLetters deadLetters
	Tasks       *task.Registry
	// History and Feed are those that the scheduler's and the loader's events
	// go to. The service adds its own to Feed.
	History *stats.History
	Feed    *stats.Feed
	// Curves is how the server did in the last minutes.
	Curves *curves.Recorder
	// Full tells that what has to be kept has no room on the disk; nil where nothing is
	// kept there.
	Full func() bool
	// MaxPending is how many tasks may have not ended; 0: any number.
	MaxPending int
	// KeepArguments: the scheduler keeps what tasks were called with.
	KeepArguments bool
	// PluginUpload: operators may bring in plugins.
	PluginUpload bool
	// HideValues from viewers: what tasks are called with, return and say.
	HideValues bool
	// Submit submits a task for a caller as clients do, and returns its id.
	Submit func(ctx context.Context, caller string, request *taskpb.TaskRequest) (id string, err error)
	// MaxMessage is how many bytes a task's submission may have.
	MaxMessage int
	// Refuse makes the server refuse new tasks, or take them again. Its error
	// says why it can't.
	Refuse func(refuse bool) error
	// Results is how many results are kept.
	Results func() int
	// Level is the log's, for SetLogLevel; nil when it can't be changed.
	Level *slog.LevelVar
	// Logger gets what operators want to know, Audit a line for each change.
	Logger, Audit *slog.Logger

	// Trail gets the changes too, to be listed.
	Trail *audit.Trail
	// Cluster is the nodes that there are, at least this one.
	Cluster cluster
	// RemoveNode removes a node from the cluster, in whose place another one has come if
	// by isn't empty. Its errors are of package task. Nil: there is no cluster.
	RemoveNode func(ctx context.Context, node, by string) error

	// NodeID, Version, Started and Limits are for GetStatus as they are.
	NodeID, Version string
	Started         time.Time
	Limits          map[string]string
}

// maxRequest bounds a request, in bytes, but for those that bring something in.
const maxRequest = 64 << 10

// NewHandler returns the handler for the path prefix that it returns too. It
// answers gRPC, gRPC-Web and Connect (proto and JSON). refused is to be told of the
// callers whose roles were too small for a path: changes have a line in the audit then.
func NewHandler(config Config) (path string, handler http.Handler, refused adminport.Refused) {
	s := &service{config: config}
	path, handler = adminpbconnect.NewAdminServiceHandler(
		s,
		connect.WithConditionalHandlerOptions(func(spec connect.Spec) []connect.HandlerOption {
			return []connect.HandlerOption{rpc.HandlerOptions(config.Logger, config.largest(spec.Procedure), nil)}
		}),
	)
	handler = rpc.Explain(oneUpload(handler), adminpbconnect.AdminServiceWatchEventsProcedure,
		adminpbconnect.AdminServiceWatchStatsProcedure, adminpbconnect.AdminServiceWatchExecutionProcedure)
	return path, handler, s.auditRefusal
}

// largest is how many bytes a request of an rpc may have.
func (c *Config) largest(procedure string) int {
	switch {
	case procedure == adminpbconnect.AdminServiceRunTaskProcedure:
		return max(c.MaxMessage, maxRequest)
	case procedure == adminpbconnect.AdminServiceUploadPluginProcedure && c.PluginUpload:
		return maxPlugin/3*4 + maxRequest // in JSON, bytes take a third more
	default:
		return maxRequest
	}
}

type service struct {
	// What isn't there yet is answered with UNIMPLEMENTED.
	adminpbconnect.UnimplementedAdminServiceHandler

	config        Config
	statsWatchers atomic.Int32
	eventWatchers atomic.Int32

	executionWatchers atomic.Int32

	refusals refusals
}

var _ adminpbconnect.AdminServiceHandler = (*service)(nil)

// text makes valid UTF-8, as protobuf wants it, of what may come from file names
// and from what plugins print.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
