package server

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// Config says what to serve, where, and within which limits. Zero fields mean
// the defaults, so Config{} is a server on 127.0.0.1:50051 with the tasks that
// were registered at start-up.
type Config struct {
	// Tasks are what can be called. Nil: task.Default().
	Tasks *task.Registry
	// Addr is the address to listen on. Port 0 takes a free one, which
	// [Server.Addr] tells. Default: 127.0.0.1:50051.
	Addr string
	// LibraryDir is the directory that plugins are dropped into. It need not
	// exist. Default: libraries.
	LibraryDir string
	// NodeID is the name of this server in answers. Default: the address that it
	// listens on, or host name and port when that address is unspecified (":50051").
	NodeID string

	// TLSCert and TLSKey name the PEM files of the server's certificate (with the
	// intermediate ones after it) and key; both or none. Without them the server
	// speaks plain text.
	TLSCert, TLSKey string
	// TLSCACert names the PEM file of the authorities that clients' certificates
	// must come from. Without it clients need no certificate.
	TLSCACert string

	// MaxMessageBytes bounds one request or answer, decompressed. Default: 4 MiB.
	MaxMessageBytes int
	// MaxHeaderBytes bounds a request's header. Default: 64 KiB.
	MaxHeaderBytes int
	// MaxConcurrentStreams bounds the calls in flight on one HTTP/2 connection;
	// clients queue the others. Default: 1000.
	MaxConcurrentStreams int
	// IdleTimeout is how long a connection without calls stays open. Default: 5 m.
	IdleTimeout time.Duration

	// ResultTTL is how long the result of an ended task is kept. Default: 10 m.
	ResultTTL time.Duration
	// ResultCapacity bounds the results kept. Default: 1,000,000.
	ResultCapacity int
	// ResultMemory bounds the bytes that they hold together. Default: 1 GiB.
	ResultMemory int64

	// MaxConcurrentTasks bounds the tasks that run at a time. Default: no bound.
	MaxConcurrentTasks int
	// MaxPendingTasks bounds the tasks that have not ended. Default: 100,000.
	MaxPendingTasks int
	// MaxPendingBytes bounds what their arguments hold together. Default: 1 GiB.
	MaxPendingBytes int64
	// MaxSyncTasks bounds the sync tasks that run at a time. Default: the cores.
	MaxSyncTasks int
	// MaxArguments bounds one task's arguments. Default: 10,000.
	MaxArguments int
	// MaxDependencies bounds one task's dependencies. Default: 1,000.
	MaxDependencies int

	// DependencyTimeout is how long a task waits for dependencies when the
	// request doesn't say. Default: 30 s.
	DependencyTimeout time.Duration
	// MaxWait bounds a long poll (WaitResult). Default: 5 m.
	MaxWait time.Duration
	// DrainTimeout is how long running tasks may go on once the server is told
	// to stop. Default: 30 s.
	DrainTimeout time.Duration

	// AdminAddr is the address that operators use: host and port, "unix:PATH" for
	// a Unix socket, which only this user may open, or "off" for none. Programs
	// that run several servers need "off", or port 0, for all but one. What is
	// neither loopback nor a socket needs AdminTLSCACert or AdminTokenFile.
	// Default: 127.0.0.1:50052.
	AdminAddr string
	// AdminTLSCert, AdminTLSKey and AdminTLSCACert are to AdminAddr what TLSCert,
	// TLSKey and TLSCACert are to Addr; they may name the same files.
	AdminTLSCert, AdminTLSKey, AdminTLSCACert string
	// AdminTokenFile names a file with a token on each line, with a name before
	// it or without, one of which every admin request must bear. It is read again
	// when it changes. Default: none.
	AdminTokenFile string
	// AdminHosts are the names that operators' requests may call this server by,
	// besides localhost and the address that it listens on. Default: none.
	AdminHosts []string

	// PluginDirUnchecked lets plugins come from a directory, or a file, that
	// others than its owner and root may write to.
	PluginDirUnchecked bool
	// PluginLimits bound what a plugin's process may use and do.
	PluginLimits loader.Limits
	// PluginLimitsByName are the limits of the plugins named, in place of
	// PluginLimits.
	PluginLimitsByName map[string]loader.Limits
	// PluginLoadTimeout is how long a plugin may take to load. Default: 10 s.
	PluginLoadTimeout time.Duration
	// PluginCancelGrace is how long a plugin's task may go on that was cancelled
	// or is out of time; then its process is replaced. Default: 2 s.
	PluginCancelGrace time.Duration
	// PluginDrainTimeout is how long the tasks of a plugin that was replaced or
	// unloaded may take to end. Default: 5 m.
	PluginDrainTimeout time.Duration
	// PluginTempDir is where plugins' copies and working folders go; it must allow
	// files to be executed. Default: os.TempDir().
	PluginTempDir string

	// CORSOrigins are the origins whose pages may call from a browser, such as
	// "https://example.com", "https://*.example.com" or "*". Default: none.
	CORSOrigins []string

	// Logger gets what operators want to know. Nil: slog.Default().
	Logger *slog.Logger
	// AuditLogger gets a line for each change made through the admin service; one
	// that writes them at every level keeps the record whole. Nil: Logger.
	AuditLogger *slog.Logger
	// LogLevel is Logger's, for the admin service to change. Nil: it can't.
	LogLevel *slog.LevelVar
	// Version is the program's, for operators. Default: its main module's.
	Version string
}

const (
	defaultAddr                 = "127.0.0.1:50051"
	defaultLibraryDir           = "libraries"
	defaultMaxMessageBytes      = 4 << 20
	defaultMaxHeaderBytes       = 64 << 10
	defaultMaxConcurrentStreams = 1000
	defaultIdleTimeout          = 5 * time.Minute
	defaultResultTTL            = 10 * time.Minute
	defaultResultCapacity       = 1_000_000
	defaultResultMemory         = 1 << 30
	defaultMaxPendingTasks      = 100_000
	defaultMaxPendingBytes      = 1 << 30
	defaultMaxArguments         = 10_000
	defaultMaxDependencies      = 1000
	defaultDependencyTimeout    = 30 * time.Second
	defaultMaxWait              = 5 * time.Minute
	defaultDrainTimeout         = 30 * time.Second
)

func (c Config) withDefaults() Config {
	c.Tasks = cmp.Or(c.Tasks, task.Default())
	c.Addr = cmp.Or(c.Addr, defaultAddr)
	c.LibraryDir = cmp.Or(c.LibraryDir, defaultLibraryDir)
	c.MaxMessageBytes = cmp.Or(c.MaxMessageBytes, defaultMaxMessageBytes)
	c.MaxHeaderBytes = cmp.Or(c.MaxHeaderBytes, defaultMaxHeaderBytes)
	c.MaxConcurrentStreams = cmp.Or(c.MaxConcurrentStreams, defaultMaxConcurrentStreams)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, defaultIdleTimeout)
	c.ResultTTL = cmp.Or(c.ResultTTL, defaultResultTTL)
	c.ResultCapacity = cmp.Or(c.ResultCapacity, defaultResultCapacity)
	c.ResultMemory = cmp.Or(c.ResultMemory, defaultResultMemory)
	c.MaxPendingTasks = cmp.Or(c.MaxPendingTasks, defaultMaxPendingTasks)
	c.MaxPendingBytes = cmp.Or(c.MaxPendingBytes, defaultMaxPendingBytes)
	c.MaxArguments = cmp.Or(c.MaxArguments, defaultMaxArguments)
	c.MaxDependencies = cmp.Or(c.MaxDependencies, defaultMaxDependencies)
	c.DependencyTimeout = cmp.Or(c.DependencyTimeout, defaultDependencyTimeout)
	c.MaxWait = cmp.Or(c.MaxWait, defaultMaxWait)
	c.DrainTimeout = cmp.Or(c.DrainTimeout, defaultDrainTimeout)
	c.AdminAddr = cmp.Or(c.AdminAddr, defaultAdminAddr)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.AuditLogger = cmp.Or(c.AuditLogger, c.Logger)
	c.Version = cmp.Or(c.Version, recordedVersion())
	return c
}

// check finds what is wrong without touching files or the network. Its errors
// name flags, since that is what most people will have to change.
func (c *Config) check() error {
	for _, limit := range []struct {
		flag  string
		value int64
	}{
		{"--max-message-bytes", int64(c.MaxMessageBytes)},
		{"--max-header-bytes", int64(c.MaxHeaderBytes)},
		{"--max-concurrent-streams", int64(c.MaxConcurrentStreams)},
		{"--idle-timeout", int64(c.IdleTimeout)},
		{"--result-ttl", int64(c.ResultTTL)},
		{"--result-capacity", int64(c.ResultCapacity)},
		{"--result-memory", c.ResultMemory},
		{"--max-concurrent-tasks", int64(c.MaxConcurrentTasks)},
		{"--max-pending-tasks", int64(c.MaxPendingTasks)},
		{"--max-pending-bytes", c.MaxPendingBytes},
		{"--max-sync-tasks", int64(c.MaxSyncTasks)},
		{"--max-arguments", int64(c.MaxArguments)},
		{"--max-dependencies", int64(c.MaxDependencies)},
		{"--dependency-timeout", int64(c.DependencyTimeout)},
		{"--max-wait", int64(c.MaxWait)},
		{"--drain-timeout", int64(c.DrainTimeout)},
		{"--plugin-load-timeout", int64(c.PluginLoadTimeout)},
		{"--plugin-cancel-grace", int64(c.PluginCancelGrace)},
		{"--plugin-drain-timeout", int64(c.PluginDrainTimeout)},
	} {
		if limit.value < 0 {
			return fmt.Errorf("%s is negative: give it a positive value, or leave it out for the default", limit.flag)
		}
	}
	if err := checkTLS(c.tls()); err != nil {
		return err
	}
	if err := c.checkAdmin(); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("--addr %q is no address: write it as host:port, for instance %s", c.Addr, defaultAddr)
	}
	for _, origin := range c.CORSOrigins {
		if !validOrigin(origin) {
			return fmt.Errorf("--cors-origin: %q is no origin: write scheme and host, for instance https://example.com, or *", origin)
		}
	}
	return nil
}

func (c *Config) tls() tlsFiles {
	return tlsFiles{flag: "--tls-", cert: c.TLSCert, key: c.TLSKey, ca: c.TLSCACert}
}

// validOrigin reports whether a browser could send origin, with at most one *
// standing for any part of it.
func validOrigin(origin string) bool {
	if origin == "*" {
		return true
	}
	if strings.Count(origin, "*") > 1 {
		return false
	}
	u, err := url.Parse(strings.Replace(origin, "*", "x", 1))
	return err == nil && u.Scheme != "" && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}
