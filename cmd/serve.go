package cmd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/logging"
	"github.com/taskscheduler/taskscheduler/internal/systemd"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/server"
)

// serveCommand is the server's settings as flags, and what the process adds.
type serveCommand struct {
	CLI    goneFlag      `name:"cli" setting:"-" hidden:"" help:"Gone."`
	Check  bool          `setting:"-" help:"Tell whether the server would start, and with which plugins. Nothing is changed, and it listens nowhere."`
	Config server.Config `embed:""`

	PluginDirCheck bool          `group:"Plugins:" default:"true" negatable:"" help:"Refuse plugins that others than their owner and root may write to, and such a directory (default: yes)."`
	PluginMemory   size          `group:"Plugins:" default:"${plugin_memory}" help:"Memory that one plugin may take; beyond, its process is killed and started anew."`
	PluginCores    limit         `group:"Plugins:" default:"0" help:"Cores that one plugin may keep busy; 0 is all."`
	PluginLimit    []pluginLimit `group:"Plugins:" placeholder:"LIMITS" help:"What one plugin may use and do, such as 'math memory=4GiB cpu=1h cores=2 network', or * for all; may be repeated. Others are processes=N, threads=N, nice=N, files=N, file-size=SIZE, folder-size=SIZE, read=PATH, write=PATH, programs and unconfined."`

	LogDir      string `group:"Logging:" default:"logs" complete:"dir" help:"Directory where each start writes a file of JSON lines, named by its time in UTC, and each day another; empty: none."`
	LogMaxSize  size   `group:"Logging:" default:"256MiB" help:"What the files in the log directory may take together; beyond, the oldest are deleted."`
	LogMaxAge   period `group:"Logging:" default:"720h" help:"How long a file is kept there after its last line."`
	LogMaxFiles int    `group:"Logging:" type:"count" default:"1000" help:"How many files are kept there."`
	LogLevel    level  `group:"Logging:" default:"info" complete:"level" help:"Least severe lines to log: debug, info, warn or error."`
}

// Help shows examples.
func (*serveCommand) Help() string {
	return `Examples:

    task-scheduler serve
    task-scheduler --addr :50051 --tls-cert server.crt --tls-key server.key
    TASK_SCHEDULER_MAX_PENDING_TASKS=5000 task-scheduler --config service.toml
    task-scheduler serve --check --config service.toml

Sizes are bytes, or have a unit: 64KiB, 4MiB, 1GiB. Time spans have a unit: 500ms, 90s, 1h30m.

Exit codes: 0 it was asked to stop, or --check found nothing wrong, 1 it failed, or --check found what keeps it from
serving all but not from starting, 2 wrong settings, 130 a second signal ended it.`
}

// Run serves until ctx ends, then drains.
func (s *serveCommand) Run(ctx context.Context, out *output, parser *kong.Kong) error {
	if s.Check {
		return s.check(ctx, out)
	}
	least := new(slog.LevelVar)
	least.Set(slog.Level(s.LogLevel))
	logs, err := logging.Open(out.stderr, logging.Options{
		Dir: s.LogDir, Least: least, Error: flags.InError,
		Limits: logging.Limits{Bytes: int64(s.LogMaxSize), Age: time.Duration(s.LogMaxAge), Files: s.LogMaxFiles},
	})
	if err != nil {
		return &exit.Error{Code: exit.WrongUsage, Err: err}
	}
	defer logs.Close() // every line is in the file already
	slog.SetDefault(logs.All)
	hangUps := catchHangUps()
	defer signal.Stop(hangUps)

	config := s.config()
	config.Logger, config.AuditLogger, config.LogLevel, config.Version = logs.All, logs.Audit, least, programVersion()
	config.LostLogLines = logs.Lost
	srv, err := server.ListenContext(ctx, config)
	if err != nil && ctx.Err() != nil {
		logs.All.Info("stopped before it served") // it waited for other nodes, perhaps
		return nil
	}
	if err != nil {
		logs.File.Error("not started", "error", err)
		return &exit.Error{Code: exit.WrongUsage, Err: flags.InError(oneLine(err))}
	}
	tuneMemory(logs.All, srv.MemoryNeed())
	s.greet(out.stdout, parser.Model.Name, srv.Addr())
	serving, stop := context.WithCancel(ctx)
	defer stop()
	go giveMemoryBack(serving)
	notifier := systemd.NewNotifier(logs.All)
	go reloadOn(serving, hangUps, logs, srv, notifier)
	told := tellManager(ctx, notifier, srv, config.DrainTimeout)
	defer told()
	if err = srv.Serve(ctx); err != nil {
		logs.File.Error("failed", "error", err)
	}
	return flags.InError(err)
}

func (s *serveCommand) config() server.Config {
	config := s.Config
	config.PluginDirUnchecked = !s.PluginDirCheck
	config.PluginLimits, config.PluginLimitsByName = applyLimits(
		loader.Limits{MemoryBytes: int64(s.PluginMemory), Cores: int(s.PluginCores)}, s.PluginLimit)
	return config
}

// greet says on the console, whatever the log level, where the server listens
// and how to run a first task.
func (s *serveCommand) greet(w io.Writer, program string, addr net.Addr) {
	first := []string{invocation(program), "run"}
	if reach := reachable(addr.String()); reach != flags.Defaults()["addr"] {
		first = append(first, "--server", reach)
	}
	if s.Config.TLSCert != "" {
		first = append(first, "--tls-ca-cert", s.Config.TLSCert) // who signed it is not ours to know; it vouches for itself
	}
	fmt.Fprintf(w, "Task Scheduler listens at %s. From another terminal:\n\n    %s add 1 2 3\n\n", addr, strings.Join(first, " "))
}

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

// goneFlag is one that the predecessor had: it made a prompt of the server's own console.
type goneFlag bool

// BeforeReset tells where its commands have gone.
func (goneFlag) BeforeReset(parser *kong.Kong) error {
	return fmt.Errorf("--cli is gone: start the server without it; the commands (list, load, unload, reload, status and more) "+
		"are now those of %q, which has a prompt", parser.Model.Name+" admin")
}
