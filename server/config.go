package server

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/budget"
	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// Config says what to serve, where, and within which limits. Zero fields mean
// the defaults in their tags, so Config{} is a server on 127.0.0.1:50051 with
// the tasks that were registered at start-up.
//
// The tags say all that the command line needs to know of a field: it makes a
// flag, an environment variable and a key of the configuration file of each one
// that has a name, see internal/setting. The others are for programs alone.
type Config struct {
	// Tasks are what can be called. Nil: task.Default().
	Tasks *task.Registry `kong:"-"`
	// Addr is the address to listen on. Port 0 takes a free one, which
	// [Server.Addr] tells.
	Addr string `name:"addr" default:"127.0.0.1:50051" group:"Serving:" short:"a" help:"Host and port to listen at; :50051 is every interface, port 0 any free port."`
	// Listener, if not nil, is where clients connect, instead of Addr. The server
	// closes it.
	Listener net.Listener `kong:"-"`
	// LibraryDir is the directory that plugins are dropped into. It need not
	// exist.
	LibraryDir string `name:"library-dir" default:"libraries" complete:"dir" group:"Serving:" short:"l" help:"Directory for plugin files."`
	// NodeID is the name of this server in answers. Empty: the address that it
	// listens on, or host name and port when that address is unspecified (":50051"), or
	// on loopback and the server one of several nodes.
	NodeID string `name:"node-id" group:"Serving:" placeholder:"NAME" help:"This server's name in answers (default: the listen address, or host name and port when that is unspecified, or loopback in a cluster)."`
	// CORSOrigins are the origins whose pages may call from a browser, such as
	// "https://example.com", "https://*.example.com" or "*".
	CORSOrigins []string `name:"cors-origin" group:"Serving:" placeholder:"ORIGIN" help:"Origin whose pages may call from a browser, such as https://example.org; may be repeated (default: none)."`
	// CORSHeaders are headers that these pages may send besides those of the
	// protocols.
	CORSHeaders []string `name:"cors-header" group:"Serving:" placeholder:"NAME" help:"Header that browsers' pages may send besides those of the protocols, such as authorization or traceparent; may be repeated."`
	// HTTP2 says whose HTTP/2 is served: "own", this module's, made for many small
	// calls, or "standard", that of net/http.
	HTTP2 string `name:"http2" default:"own" group:"Serving:" help:"What speaks HTTP/2: own, made for many small calls, or standard, that of Go's library."`
	// DrainTimeout is how long running tasks may go on once the server is told
	// to stop.
	DrainTimeout time.Duration `name:"drain-timeout" default:"30s" type:"period" group:"Serving:" help:"How long running tasks may go on after SIGTERM or SIGINT; a second signal ends them at once."`

	// TLSCert and TLSKey name the PEM files of the server's certificate (with the
	// intermediate ones after it) and key; both or none. Without them the server
	// speaks plain text.
	TLSCert string `name:"tls-cert" group:"TLS:" placeholder:"FILE" help:"PEM file with the server's certificate chain. It is read again when it changes, as are the next two."`
	TLSKey  string `name:"tls-key" group:"TLS:" placeholder:"FILE" help:"PEM file with the certificate's private key."`
	// TLSCACert names the PEM file of the authorities that clients' certificates
	// must come from. Without it clients need no certificate.
	TLSCACert string `name:"tls-ca-cert" group:"TLS:" placeholder:"FILE" help:"PEM file with the authorities whose client certificates are let in. If given, a client needs one."`

	// AdminAddr is the address that operators use: host and port, "unix:PATH" for
	// a Unix socket, which only this user may open, or "off" for none. Programs
	// that run several servers need "off", or port 0, for all but one. What is
	// neither loopback nor a socket needs AdminTLSCACert or AdminTokenFile.
	// Empty: the port after that of Addr, on loopback.
	AdminAddr string `name:"admin-addr" group:"Admin:" placeholder:"ADDR" help:"Where operators see and steer the server: host and port, unix:PATH for a Unix socket, or off (default: on loopback, the port after the server's own, so 50052 for 50051, a free one for 0). What other machines can reach needs client certificates or tokens."`
	// AdminTLSCert, AdminTLSKey and AdminTLSCACert are to AdminAddr what TLSCert,
	// TLSKey and TLSCACert are to Addr; they may name the same files.
	AdminTLSCert   string `name:"admin-tls-cert" group:"Admin:" placeholder:"FILE" help:"PEM file with the certificate chain that operators see. It may be the server's own, as may the next two."`
	AdminTLSKey    string `name:"admin-tls-key" group:"Admin:" placeholder:"FILE" help:"PEM file with the private key for it."`
	AdminTLSCACert string `name:"admin-tls-ca-cert" group:"Admin:" placeholder:"FILE" help:"PEM file with the authorities whose certificates let operators in. If given, an operator needs one."`
	// AdminTokenFile names a file with a token on each line, with a name before
	// it or without, one of which every admin request must bear. It is read again
	// when it changes.
	AdminTokenFile string `name:"admin-token-file" group:"Admin:" placeholder:"FILE" help:"File that only this user may read, with a token on each line, after a name if you like. If given, an operator needs one. It is read again when it changes."`
	// AdminRoleFile names a file that says who may do what: on each line a name, a
	// role (viewer, operator or admin) and "sha256:" with the digest of a token, or
	// "certificate:" with a subject. Who has no line is let in by AdminTokenFile alone.
	// It is read again when it changes.
	AdminRoleFile string `name:"admin-role-file" group:"Admin:" placeholder:"FILE" help:"File with a name, a role (viewer, operator or admin) and a key on each line: sha256: and the digest of a token (see admin token), or certificate: and a subject. Whoever has no line needs a token that makes an admin. It is read again when it changes."`
	// AdminAuditFile names a file that gets each change made through the admin service,
	// a JSON object on each line. From 16 MiB on it is put aside, with ".1" behind its
	// name, and nine such files are kept. Empty: the newest changes are kept in memory, and the log has all.
	AdminAuditFile string `name:"admin-audit-file" group:"Admin:" placeholder:"FILE" help:"File for each change that operators make, as JSON on a line: who, from where, what, and what came of it. At 16MiB it is put aside, as FILE.1 and so on to FILE.9 (default: none, the log has them)."`
	// AdminHideValues has viewers see neither what tasks are called with nor what they
	// return and say.
	AdminHideValues bool `name:"admin-hide-values" group:"Admin:" help:"Hide from viewers what tasks are called with, return and say: arguments, results, messages, notes and log lines."`
	// AdminHosts are the names that operators' requests may call this server by,
	// besides localhost and the address that it listens on.
	AdminHosts []string `name:"admin-host" group:"Admin:" placeholder:"NAME" help:"Name that operators' requests may call this server by, besides localhost and the listen address; may be repeated."`

	// KeepArguments has the server keep what tasks were called with, the first 4 KiB
	// of each and within TaskLogMemory, for operators who ask for it.
	KeepArguments bool `name:"keep-arguments" group:"Admin:" help:"Keep what tasks were called with, cut to 4KiB each, for operators to see."`

	// ProbeAddr is where /healthz, /readyz and /metrics are answered to anybody
	// who can reach it, in plain text. Empty: nowhere but at AdminAddr.
	ProbeAddr string `name:"probe-addr" group:"Admin:" placeholder:"ADDR" help:"Host and port where /healthz, /readyz and /metrics are answered to anybody, for probes and Prometheus (default: nowhere but where operators come in)."`

	// PluginUpload lets admins bring plugins into LibraryDir by the admin service:
	// whoever may do that runs code of his own on this machine, as confined as every
	// plugin is.
	PluginUpload bool `name:"plugin-upload" group:"Plugins:" help:"Let admins bring plugins into the library directory through the admin service: they run code of theirs here, as confined as every plugin is."`
	// PluginDirUnchecked lets plugins come from a directory, or a file, that
	// others than its owner and root may write to.
	PluginDirUnchecked bool `kong:"-"`
	// RequireConfinement refuses plugins whose process lacks any protection, as on
	// a system without landlock.
	RequireConfinement bool `name:"require-confinement" group:"Plugins:" help:"Refuse plugins where this system can't apply every protection; otherwise it is only warned of."`
	// PluginLimits bound what a plugin's process may use and do.
	PluginLimits loader.Limits `kong:"-"`
	// PluginLimitsByName are the limits of the plugins named, in place of
	// PluginLimits.
	PluginLimitsByName map[string]loader.Limits `kong:"-"`
	// PluginLoadTimeout is how long a plugin may take to load.
	PluginLoadTimeout time.Duration `name:"plugin-load-timeout" default:"10s" type:"period" group:"Plugins:" help:"How long a plugin may take to load."`
	// PluginCancelGrace is how long a plugin's task may go on that was cancelled
	// or is out of time; then its process is replaced.
	PluginCancelGrace time.Duration `name:"plugin-cancel-grace" default:"2s" type:"period" group:"Plugins:" help:"How long a plugin's task may go on that was cancelled or is out of time; then its process is replaced."`
	// PluginDrainTimeout is how long the tasks of a plugin that was replaced or
	// unloaded may take to end.
	PluginDrainTimeout time.Duration `name:"plugin-drain-timeout" default:"5m" type:"period" group:"Plugins:" help:"How long the tasks of a plugin that was replaced or unloaded may take to end."`
	// PluginTempDir is where plugins' copies and working folders go; it must allow
	// files to be executed. Empty: os.TempDir().
	PluginTempDir string `name:"plugin-temp-dir" group:"Plugins:" placeholder:"DIR" help:"Directory for plugins' copies and working folders, where files may be executed (default: the system's)."`

	// MaxMessageBytes bounds one request or answer, decompressed.
	MaxMessageBytes int `name:"max-message-bytes" default:"4MiB" type:"size" group:"Limits:" help:"Largest message, in and out."`
	// MaxBodyBytesInFlight bounds what the requests that are being read hold
	// together, over all connections, compressed and decompressed. Zero: a share
	// of the memory that there is, see [Config.MaxPendingBytes].
	MaxBodyBytesInFlight int64 `name:"max-body-bytes-in-flight" type:"size" placeholder:"SIZE" group:"Limits:" help:"Memory for requests that are being read, and as much for answers that clients have not taken yet; beyond, they are refused with RESOURCE_EXHAUSTED (default: a share of the memory that there is, at most 256MiB)."`
	// MaxHeaderBytes bounds a request's header.
	MaxHeaderBytes int `name:"max-header-bytes" default:"64KiB" type:"size" group:"Limits:" help:"Largest request headers."`
	// MaxConcurrentStreams bounds the calls in flight on one HTTP/2 connection;
	// clients queue the others.
	MaxConcurrentStreams int `name:"max-concurrent-streams" default:"1000" type:"count" group:"Limits:" help:"Calls at once in one connection."`
	// IdleTimeout is how long a connection without calls stays open.
	IdleTimeout time.Duration `name:"idle-timeout" default:"5m" type:"period" group:"Limits:" help:"How long a connection without calls is kept."`
	// MaxConnectionAge is after how long a connection's client is asked to open
	// another, give or take a tenth, so that balancers can balance; calls that run
	// may end. Zero: never.
	MaxConnectionAge time.Duration `name:"max-connection-age" type:"period" group:"Limits:" placeholder:"TIME" help:"How long a connection is used before its client is asked to open another, give or take a tenth (default: for ever)."`
	// MaxArguments bounds one task's arguments.
	MaxArguments int `name:"max-arguments" default:"10000" type:"count" group:"Limits:" help:"Arguments of one task."`
	// MaxDependencies bounds one task's dependencies.
	MaxDependencies int `name:"max-dependencies" default:"1000" type:"count" group:"Limits:" help:"Dependencies of one task."`

	// MaxConcurrentTasks bounds the tasks that run at a time. Zero: no bound.
	MaxConcurrentTasks int `name:"max-concurrent-tasks" default:"0" type:"limit" group:"Tasks:" help:"Tasks that run at once; 0 is any number."`
	// MaxSyncTasks bounds the sync tasks that run at a time. Zero: the cores.
	MaxSyncTasks int `name:"max-sync-tasks" default:"0" type:"limit" group:"Tasks:" help:"Sync tasks (those that keep a core busy) that run at once; 0 is one for each core."`
	// MaxPendingTasks bounds the tasks that have not ended.
	MaxPendingTasks int `name:"max-pending-tasks" default:"100000" type:"count" group:"Tasks:" help:"Tasks that have not ended; beyond, new ones are refused with RESOURCE_EXHAUSTED."`
	// MaxPendingBytes bounds what their arguments hold together. Zero, as with
	// ResultMemory, MaxBodyBytesInFlight, TaskLogMemory and DeadLetterMemory, is a
	// share of the memory that this process may use (GOMEMLIMIT, its container's, the
	// machine's): the five fit into it, with what the server itself takes. Others that
	// don't are refused.
	MaxPendingBytes int64 `name:"max-pending-bytes" type:"size" placeholder:"SIZE" group:"Tasks:" help:"Memory for the arguments of tasks that have not ended; beyond, new ones are refused likewise (default: a share of the memory that there is, at most 1GiB)."`
	// DependencyTimeout is how long a task waits for dependencies when the
	// request doesn't say.
	DependencyTimeout time.Duration `name:"dependency-timeout" default:"30s" type:"period" group:"Tasks:" help:"How long a task waits for its dependencies when its client doesn't say."`
	// MaxDependencyTimeout is the longest that a request may ask for; more is cut.
	MaxDependencyTimeout time.Duration `name:"max-dependency-timeout" default:"1h" type:"period" group:"Tasks:" help:"Longest wait for dependencies that a task may ask for; more is cut to it."`
	// MaxExecutionTimeout is the longest that a request may ask for; more is cut.
	MaxExecutionTimeout time.Duration `name:"max-execution-timeout" default:"24h" type:"period" group:"Tasks:" help:"Longest execution timeout that a task may ask for; more is cut to it."`
	// MaxStartDelay is how far ahead the time is that a task may ask to start at;
	// more is refused.
	MaxStartDelay time.Duration `name:"max-start-delay" default:"8760h" type:"period" group:"Tasks:" help:"How far ahead a task's time to start may be; more is refused."`
	// MaxWait bounds a long poll (WaitResult).
	MaxWait time.Duration `name:"max-wait" default:"5m" type:"period" group:"Tasks:" help:"Longest wait that one WaitResult call may ask for."`

	// MaxWatchers bounds the WatchTask streams.
	MaxWatchers int `name:"max-watchers" default:"10000" type:"count" group:"Tasks:" help:"WatchTask streams at once; one client has four times of what is free."`
	// MaxTaskLogBytes bounds what is kept of the lines that one task logs while it
	// runs: the newest.
	MaxTaskLogBytes int `name:"max-task-log-bytes" default:"64KiB" type:"size" group:"Tasks:" help:"What is kept of the lines that one task logs: the newest."`
	// TaskLogMemory bounds what is kept of what all tasks say while they run, their
	// progress and their lines. Zero: a share of the memory that there is, see
	// [Config.MaxPendingBytes].
	TaskLogMemory int64 `name:"task-log-memory" type:"size" placeholder:"SIZE" group:"Tasks:" help:"Memory for progress and log lines of all tasks; those of the ones that ended first go first (default: a share of the memory that there is, at most 128MiB)."`

	// DeadLetterCapacity bounds the tasks that are kept after they have used up their
	// attempts, for operators. Zero is the default: they need an admin port.
	DeadLetterCapacity int `name:"dead-letter-capacity" default:"10000" type:"count" group:"Tasks:" help:"Tasks that are kept for operators when they have used up their attempts; the oldest go first."`
	// DeadLetterMemory bounds what they hold together. Zero: a share of the memory
	// that there is, see [Config.MaxPendingBytes].
	DeadLetterMemory int64 `name:"dead-letter-memory" type:"size" group:"Tasks:" placeholder:"SIZE" help:"Memory for them (default: a share of the memory that there is, at most 64MiB)."`

	// HistoryCapacity is how many ended tasks operators can look back on, and
	// HistoryFailures how many of those that failed, however many have succeeded since;
	// a million at most. One takes about 300 bytes of memory; with long labels and error
	// messages it is 3 KiB on average, at most, beyond which fewer are kept.
	HistoryCapacity int `name:"history-capacity" default:"10000" type:"count" group:"Tasks:" help:"Ended tasks that operators can look back on, 0.3 to 3KiB each; at most 1000000."`
	// HistoryFailures: see HistoryCapacity.
	HistoryFailures int `name:"history-failures" default:"2000" type:"count" group:"Tasks:" help:"Failed tasks that they can look back on, however many have succeeded since; at most 1000000."`

	// ResultTTL is how long the result of an ended task is kept.
	ResultTTL time.Duration `name:"result-ttl" default:"10m" type:"period" group:"Results:" help:"How long results of ended tasks are kept."`
	// ResultCapacity bounds the results kept.
	ResultCapacity int `name:"result-capacity" default:"1000000" type:"count" group:"Results:" help:"Results that are kept at most."`
	// ResultMemory bounds the bytes that they hold together. Zero: a share of the
	// memory that there is, see [Config.MaxPendingBytes].
	ResultMemory int64 `name:"result-memory" type:"size" placeholder:"SIZE" group:"Results:" help:"Memory for results at most (default: a share of the memory that there is, at most 1GiB)."`

	// DataDir is the directory that results and accepted tasks are kept in, so that
	// they outlive the process. It is made if it isn't there. Empty: they are in
	// memory alone.
	DataDir string `name:"data-dir" group:"Data:" placeholder:"DIR" help:"Directory for results and accepted tasks, so that they survive a restart and a crash (default: none, they are in memory alone)."`
	// Sync says when what is in DataDir survives a power cut too: "interval", some
	// seconds later, or "always", before a task counts as accepted or ended.
	Sync string `name:"sync" default:"interval" group:"Data:" help:"When data survives a power cut too: interval, some seconds later, or always, before a task counts as accepted or ended."`

	// NATS are the URLs of NATS servers that run by themselves: nodes that use the same
	// ones are one scheduler, and keep results and accepted tasks there. Each needs a
	// NodeID of its own. Not together with DataDir.
	NATS []string `name:"nats" group:"Cluster:" placeholder:"URL" help:"NATS server that keeps results and accepted tasks, such as nats://host:4222; may be repeated. Nodes that use the same servers are one scheduler."`
	// NATSCredentials names a file with a JWT and its key, NATSNKey one with the seed
	// of an NKey.
	NATSCredentials string `name:"nats-credentials" group:"Cluster:" placeholder:"FILE" help:"File with a JWT and its key for these servers."`
	NATSNKey        string `name:"nats-nkey" group:"Cluster:" placeholder:"FILE" help:"File with the seed of an NKey for them."`
	// NATSCACert, NATSCert and NATSKey name PEM files: the authorities that the servers'
	// certificates come from (the system's if there is none), and a certificate and key
	// for them to see.
	NATSCACert string `name:"nats-ca-cert" group:"Cluster:" placeholder:"FILE" help:"PEM file with the authorities of their certificates (default: the system's)."`
	NATSCert   string `name:"nats-cert" group:"Cluster:" placeholder:"FILE" help:"PEM file with a client certificate for them."`
	NATSKey    string `name:"nats-key" group:"Cluster:" placeholder:"FILE" help:"PEM file with its private key."`
	// NATSPrefix is what the names of streams and subjects begin with. Nodes with another
	// one are another scheduler.
	NATSPrefix string `name:"nats-prefix" default:"task_scheduler" group:"Cluster:" help:"What names of streams and subjects there begin with; nodes with another one are another scheduler."`
	// ClusterListen is where the servers of other nodes reach this one, which keeps
	// results and accepted tasks in DataDir together with theirs; ClusterJoin are where
	// they are. This node may be among these. When the cluster is made, all of them are
	// needed, and later most.
	ClusterListen string   `name:"cluster-listen" group:"Cluster:" placeholder:"ADDR" help:"Host and port where the other nodes reach this one, to keep what is in the data directory together (three nodes, usually)."`
	ClusterJoin   []string `name:"cluster-join" group:"Cluster:" placeholder:"ADDR" help:"Host and port where another node listens for this; one for each."`
	// ClusterSecretFile names a file with at least 32 bytes that all nodes have and
	// nobody else: by it they know each other, and what they send is encrypted. It, or
	// the next three, are needed beyond loopback.
	ClusterSecretFile string `name:"cluster-secret" group:"Cluster:" placeholder:"FILE" help:"File with a secret of at least 32 bytes that all nodes share: they know each other by it, and encrypt what they send."`
	// ClusterCACert, ClusterCert and ClusterKey name PEM files, in the place of a secret:
	// the authorities of the nodes' certificates, which let in whoever has one, and this
	// node's own certificate and key.
	ClusterCACert string `name:"cluster-ca-cert" group:"Cluster:" placeholder:"FILE" help:"PEM file with the authorities of the nodes' certificates, in the place of a secret."`
	ClusterCert   string `name:"cluster-cert" group:"Cluster:" placeholder:"FILE" help:"PEM file with this node's certificate, for servers and clients, with the name that the others reach it by."`
	ClusterKey    string `name:"cluster-key" group:"Cluster:" placeholder:"FILE" help:"PEM file with its private key."`
	// Lease is how long the others wait for a node before they take it for dead and run
	// its tasks.
	Lease time.Duration `name:"lease" default:"10s" type:"period" group:"Cluster:" help:"How long the other nodes wait for one before they take it for dead and run its accepted tasks."`

	// LogReasons has the log say why a task failed, which may quote its arguments.
	LogReasons bool `name:"log-reasons" group:"Logging:" help:"Log why a task failed, not only with which code. A reason may quote arguments."`

	// Logger gets what operators want to know. Nil: slog.Default().
	Logger *slog.Logger `kong:"-"`
	// AuditLogger gets a line for each change made through the admin service; one
	// that writes them at every level keeps the record whole. Nil: Logger.
	AuditLogger *slog.Logger `kong:"-"`
	// LogLevel is Logger's, for the admin service to change. Nil: it can't.
	LogLevel *slog.LevelVar `kong:"-"`
	// LostLogLines returns how many lines Logger could not write, for metrics.
	// Nil: it doesn't tell.
	LostLogLines func() uint64 `kong:"-"`
	// Version is the program's, for operators. Empty: its main module's.
	Version string `kong:"-"`
}

func (c Config) withDefaults() Config {
	setting.Fill(&c)
	c.Tasks = cmp.Or(c.Tasks, task.Default())
	c.AdminAddr = cmp.Or(c.AdminAddr, besideAddr(c.Addr))
	c.divideMemory(budget.Available())
	c.MaxSyncTasks = cmp.Or(c.MaxSyncTasks, runtime.GOMAXPROCS(0))
	c.Logger = limitStacks(cmp.Or(c.Logger, slog.Default()))
	c.AuditLogger = cmp.Or(c.AuditLogger, c.Logger)
	c.Version = cmp.Or(c.Version, recordedVersion())
	return c
}

// check finds what is wrong first, without touching files or the network.
func (c *Config) check() error {
	for _, check := range c.checks() {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checks are those of all settings. Each returns what is wrong first.
func (c *Config) checks() []func() error {
	return []func() error{
		func() error { return setting.Check(c) },
		c.checkMemory,
		c.checkHistory,
		func() error { return checkTLS(c.tls()) },
		func() error { return checkAddr("Config.Addr", c.Addr, "127.0.0.1:50051") },
		c.checkData,
		c.checkCluster,
		c.checkAdmin,
		func() error {
			if c.ProbeAddr == "" {
				return nil
			}
			return checkAddr("Config.ProbeAddr", c.ProbeAddr, ":50053")
		},
		c.checkHTTP2,
		c.checkCORS,
	}
}

func (c *Config) checkMemory() error {
	if err := budget.Check(budget.Available(), c.memoryBudget()); err != nil {
		return fmt.Errorf("Config.ResultMemory, Config.MaxPendingBytes, Config.MaxBodyBytesInFlight, Config.TaskLogMemory and "+
			"Config.DeadLetterMemory %w", err)
	}
	return nil
}

func checkAddr(setting, addr, example string) error {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return fmt.Errorf("%s %q is not an address: write it as host:port, for instance %s", setting, addr, example)
	}
	return nil
}

func (c *Config) checkHTTP2() error {
	if !slices.Contains([]string{"", http2Own, http2Standard}, c.HTTP2) {
		return fmt.Errorf("Config.HTTP2 %q is unknown: choose %s or %s", c.HTTP2, http2Own, http2Standard)
	}
	if c.HTTP2 == http2Standard && c.MaxConnectionAge > 0 {
		return fmt.Errorf("Config.MaxConnectionAge can't be had with net/http's HTTP/2: leave it out, or choose %s as Config.HTTP2", http2Own)
	}
	return nil
}

func (c *Config) tls() tlsFiles {
	return tlsFiles{setting: "Config.TLS", cert: c.TLSCert, key: c.TLSKey, ca: c.TLSCACert}
}
