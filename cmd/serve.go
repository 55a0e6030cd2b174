package cmd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/server"
)

// serveCommand is server.Config with flags; its defaults are shown in --help.
type serveCommand struct {
	Addr         string   `group:"Serving:" short:"a" default:"127.0.0.1:50051" help:"Host and port to listen at; :50051 is every interface, port 0 any free port."`
	LibraryDir   string   `group:"Serving:" short:"l" default:"libraries" help:"Directory for plugin files."`
	NodeID       string   `group:"Serving:" name:"node-id" placeholder:"NAME" help:"This server's name in answers (default: the listen address, or host name and port when that is unspecified)."`
	CORSOrigin   []string `group:"Serving:" name:"cors-origin" placeholder:"ORIGIN" help:"Browsers' origin that may call, such as https://example.org; may be repeated. None by default."`
	DrainTimeout period   `group:"Serving:" default:"30s" help:"How long running tasks may go on after SIGTERM or SIGINT; a second signal ends them at once."`

	TLSCert   string `group:"TLS:" name:"tls-cert" placeholder:"FILE" help:"PEM file with the server's certificate chain. It is read again when it changes, as are the next two."`
	TLSKey    string `group:"TLS:" name:"tls-key" placeholder:"FILE" help:"PEM file with the certificate's private key."`
	TLSCACert string `group:"TLS:" name:"tls-ca-cert" placeholder:"FILE" help:"PEM file with the authorities whose client certificates are let in. Given: a client needs one."`

	AdminAddr      string   `group:"Admin:" default:"127.0.0.1:50052" help:"Where operators see and steer the server: host and port, unix:PATH for a Unix socket, or off. What other machines can reach needs client certificates or tokens."`
	AdminTLSCert   string   `group:"Admin:" name:"admin-tls-cert" placeholder:"FILE" help:"Like --tls-cert, for operators; it may be the same file, as may the next two."`
	AdminTLSKey    string   `group:"Admin:" name:"admin-tls-key" placeholder:"FILE" help:"Like --tls-key."`
	AdminTLSCACert string   `group:"Admin:" name:"admin-tls-ca-cert" placeholder:"FILE" help:"Like --tls-ca-cert. Given: an operator needs a certificate."`
	AdminTokenFile string   `group:"Admin:" placeholder:"FILE" help:"File that only this user may read, with a token on each line, after a name if you like. Given: an operator needs one. It is read again when it changes."`
	AdminHost      []string `group:"Admin:" placeholder:"NAME" help:"Name that operators' requests may call this server by, besides localhost and the listen address; may be repeated."`

	PluginDirCheck     bool          `group:"Plugins:" default:"true" negatable:"" help:"Refuse plugins that others than their owner and root may write to, and such a directory."`
	PluginMemory       size          `group:"Plugins:" default:"1GiB" help:"Memory of one plugin; above, its process is killed and started anew."`
	PluginCores        limit         `group:"Plugins:" default:"0" help:"Cores that one plugin may keep busy; 0 is all."`
	PluginLimit        []pluginLimit `group:"Plugins:" placeholder:"LIMITS" help:"What one plugin may use and do, such as 'math memory=4GiB cpu=1h cores=2 network', or * for all; may be repeated. Others are files=N, file-size=SIZE, read=PATH, write=PATH, programs and unconfined."`
	PluginLoadTimeout  period        `group:"Plugins:" default:"10s" help:"How long a plugin may take to load."`
	PluginCancelGrace  period        `group:"Plugins:" default:"2s" help:"How long a plugin's task may go on that was cancelled or is out of time; then its process is replaced."`
	PluginDrainTimeout period        `group:"Plugins:" default:"5m" help:"How long the tasks of a plugin that was replaced or unloaded may take to end."`
	PluginTempDir      string        `group:"Plugins:" placeholder:"DIR" help:"Directory for plugins' copies and working folders, where files may be executed (default: the system's)."`

	MaxMessageBytes      size   `group:"Limits:" default:"4MiB" help:"Largest message, in and out."`
	MaxHeaderBytes       size   `group:"Limits:" default:"64KiB" help:"Largest request headers."`
	MaxConcurrentStreams count  `group:"Limits:" default:"1000" help:"Calls at once in one connection."`
	IdleTimeout          period `group:"Limits:" default:"5m" help:"How long a connection without calls is kept."`
	MaxArguments         count  `group:"Limits:" default:"10000" help:"Arguments of one task."`
	MaxDependencies      count  `group:"Limits:" default:"1000" help:"Dependencies of one task."`

	MaxConcurrentTasks limit  `group:"Tasks:" default:"0" help:"Tasks that run at once; 0 is any number."`
	MaxSyncTasks       limit  `group:"Tasks:" default:"0" help:"Sync tasks (those that keep a core busy) that run at once; 0 is one for each core."`
	MaxPendingTasks    count  `group:"Tasks:" default:"100000" help:"Tasks that have not ended; beyond, new ones are refused with RESOURCE_EXHAUSTED."`
	MaxPendingBytes    size   `group:"Tasks:" default:"1GiB" help:"Memory for the arguments of tasks that have not ended; beyond, new ones are refused likewise."`
	DependencyTimeout  period `group:"Tasks:" default:"30s" help:"How long a task waits for its dependencies when its client doesn't say."`
	MaxWait            period `group:"Tasks:" default:"5m" help:"Longest wait that one WaitResult call may ask for."`

	ResultTTL      period `group:"Results:" name:"result-ttl" default:"10m" help:"How long results of ended tasks are kept."`
	ResultCapacity count  `group:"Results:" default:"1000000" help:"Results that are kept at most."`
	ResultMemory   size   `group:"Results:" default:"1GiB" help:"Memory for results at most."`

	LogDir   string `group:"Logging:" default:"logs" help:"Directory where each start writes a file of JSON lines, named by its time in UTC; empty: none."`
	LogLevel level  `group:"Logging:" default:"info" help:"Least severe lines to log: debug, info, warn or error."`
}

// Help shows examples.
func (*serveCommand) Help() string {
	return `Examples:

    task-scheduler serve
    task-scheduler --addr :50051 --tls-cert server.crt --tls-key server.key
    TASK_SCHEDULER_MAX_PENDING_TASKS=5000 task-scheduler --config service.toml

Sizes are bytes, or have a unit: 64KiB, 4MiB, 1GiB. Time spans have a unit: 500ms, 90s, 1h30m.`
}

// Run serves until ctx ends, then drains.
func (s *serveCommand) Run(ctx context.Context, out *output, parser *kong.Kong) error {
	least := new(slog.LevelVar)
	least.Set(slog.Level(s.LogLevel))
	logs, err := openLogs(out.stderr, s.LogDir, least)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	defer logs.close() //nolint:errcheck // every line is in the file already
	slog.SetDefault(logs.all)
	tuneMemory(logs.all)

	config := s.config(logs.all)
	config.AuditLogger, config.LogLevel, config.Version = logs.audit, least, programVersion()
	srv, err := server.Listen(config)
	if err != nil {
		logs.file.Error("not started", "error", err)
		return &exitError{code: exitUsage, err: oneLine(err)}
	}
	s.greet(out.stdout, parser.Model.Name, srv.Addr())
	if err = srv.Serve(ctx); err != nil {
		logs.file.Error("failed", "error", err)
	}
	return err
}

func (s *serveCommand) config(logger *slog.Logger) server.Config {
	every, byName := applyLimits(loader.Limits{MemoryBytes: int64(s.PluginMemory), Cores: int(s.PluginCores)}, s.PluginLimit)
	return server.Config{
		Addr:                 s.Addr,
		LibraryDir:           s.LibraryDir,
		NodeID:               s.NodeID,
		TLSCert:              s.TLSCert,
		TLSKey:               s.TLSKey,
		TLSCACert:            s.TLSCACert,
		AdminAddr:            s.AdminAddr,
		AdminTLSCert:         s.AdminTLSCert,
		AdminTLSKey:          s.AdminTLSKey,
		AdminTLSCACert:       s.AdminTLSCACert,
		AdminTokenFile:       s.AdminTokenFile,
		AdminHosts:           s.AdminHost,
		PluginDirUnchecked:   !s.PluginDirCheck,
		PluginLimits:         every,
		PluginLimitsByName:   byName,
		PluginLoadTimeout:    time.Duration(s.PluginLoadTimeout),
		PluginCancelGrace:    time.Duration(s.PluginCancelGrace),
		PluginDrainTimeout:   time.Duration(s.PluginDrainTimeout),
		PluginTempDir:        s.PluginTempDir,
		MaxMessageBytes:      int(s.MaxMessageBytes),
		MaxHeaderBytes:       int(s.MaxHeaderBytes),
		MaxConcurrentStreams: int(s.MaxConcurrentStreams),
		IdleTimeout:          time.Duration(s.IdleTimeout),
		ResultTTL:            time.Duration(s.ResultTTL),
		ResultCapacity:       int(s.ResultCapacity),
		ResultMemory:         int64(s.ResultMemory),
		MaxConcurrentTasks:   int(s.MaxConcurrentTasks),
		MaxPendingTasks:      int(s.MaxPendingTasks),
		MaxPendingBytes:      int64(s.MaxPendingBytes),
		MaxSyncTasks:         int(s.MaxSyncTasks),
		MaxArguments:         int(s.MaxArguments),
		MaxDependencies:      int(s.MaxDependencies),
		DependencyTimeout:    time.Duration(s.DependencyTimeout),
		MaxWait:              time.Duration(s.MaxWait),
		DrainTimeout:         time.Duration(s.DrainTimeout),
		CORSOrigins:          s.CORSOrigin,
		Logger:               logger,
	}
}

// greet says on the console, whatever the log level, where the server listens
// and how to run a first task.
func (s *serveCommand) greet(w io.Writer, program string, addr net.Addr) {
	first := []string{invocation(program), "run"}
	if reach := reachable(addr.String()); reach != defaultAddr {
		first = append(first, "--server", reach)
	}
	if s.TLSCert != "" {
		first = append(first, "--tls-ca-cert", s.TLSCert) // who signed it is not ours to know; it vouches for itself
	}
	fmt.Fprintf(w, "Task Scheduler listens at %s. From another terminal:\n\n    %s add 1 2 3\n\n", addr, strings.Join(first, " "))
}

const defaultAddr = "127.0.0.1:50051"

// reachable returns an address that a client on this machine can dial.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// invocation returns how to start this program again: go run leaves nothing
// that could be called by name.
func invocation(program string) string {
	if path, err := os.Executable(); err == nil && strings.Contains(path, "go-build") {
		return "go run ./cmd/" + program
	}
	return program
}
