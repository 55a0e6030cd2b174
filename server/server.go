package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/audit"
	"github.com/taskscheduler/taskscheduler/internal/cluster"
	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/listen"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/internal/stats/curves"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/service"
)

// hangUpTimeout bounds the end of a shutdown, when all tasks have ended and
// clients only need to take their answers and notice.
const hangUpTimeout = 5 * time.Second

// A Server listens, and serves once [Server.Serve] is called.
type Server struct {
	config    Config
	nodeID    string
	clients   *endpoint
	admin     *adminPort                   // nil: none
	probes    *endpoint                    // nil: none
	metrics   atomic.Pointer[http.Handler] // of /metrics; nil until the server is put together
	health    *health
	scheduler *scheduler.Scheduler
	data      *data
	cluster   *cluster.Cluster // nil: this node is alone
	answers   http.Handler     // what clients are answered with
	operators operators        // and operators, through other nodes too
	// forOperators is what is on the admin port once all is there.
	forOperators atomic.Pointer[http.Handler]
	letters      *deadletter.List
	plugins      *loader.Loader
	history      *stats.History // what operators see of it all, and feed too
	feed         *stats.Feed
	curves       *curves.Recorder
	trail        *audit.Trail
	endStreams   context.CancelFunc
	ready        chan struct{} // closed once clients are answered
	// hangUpTimeout bounds the end of a shutdown; a test has more patience.
	hangUpTimeout time.Duration
}

// BecomePlugin is for programs that do much before they call [Listen]. A
// plugin runs in a process of its own, which is the same program started again:
// main runs there too, up to this call, which runs the plugin and never
// returns. In any other process it returns at once.
func BecomePlugin() { loader.BecomePlugin() }

// Run is [Listen] and [Server.Serve].
func Run(ctx context.Context, cfg Config) error {
	s, err := ListenContext(ctx, cfg)
	if err != nil {
		return err
	}
	return s.Serve(ctx)
}

// Listen checks cfg, reads the certificates and opens the port; clients can
// connect from then on, but are answered only by [Server.Serve], which must be
// called to free what Listen holds (with a context that has ended, if need be).
// Probes at Config.ProbeAddr are answered at once.
// Its errors are one line that says what to do.
//
// In a process that was started to run a plugin it serves that and never
// returns, see [BecomePlugin].
func Listen(cfg Config) (*Server, error) { return ListenContext(context.Background(), cfg) }

// ListenContext is Listen that gives up when ctx ends: it may have to wait for other nodes.
func ListenContext(ctx context.Context, cfg Config) (*Server, error) {
	BecomePlugin()
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Server{
		config: cfg, health: newHealth(cfg.waitsFor(), reflected...), clients: new(endpoint),
		ready: make(chan struct{}), hangUpTimeout: hangUpTimeout,
	}
	var err error
	if cfg.TLSCert != "" {
		if s.clients.certs, err = loadCertificates(cfg.tls(), cfg.Logger); err != nil {
			return nil, err
		}
	}
	if s.clients.listener = cfg.Listener; cfg.Listener == nil {
		if s.clients.listener, err = listen.Open("Config.Addr", cfg.Addr); err != nil {
			return nil, err
		}
	}
	if s.admin, err = openAdmin(&cfg); err != nil {
		return nil, s.close(err)
	}
	if s.probes, err = openProbes(&cfg); err != nil {
		return nil, s.close(err)
	}
	if s.nodeID = cfg.NodeID; s.nodeID == "" {
		s.nodeID = nodeID(s.Addr(), cfg.ClusterListen != "" || len(cfg.NATS) > 0)
	}
	s.serveProbes()
	s.serveOperators()
	if err := s.build(ctx); err != nil {
		return nil, s.close(err)
	}
	s.health.started()
	return s, nil
}

// close closes the ports of a server that can't be built, and returns why.
func (s *Server) close(err error) error {
	for _, e := range s.endpoints() {
		if e.accepting == nil {
			err = errors.Join(err, e.listener.Close())
			continue
		}
		now, cancel := context.WithCancel(context.Background())
		cancel()
		e.hangUp(now) // the process ends: no probe is worth a wait
	}
	return err
}

// endpoints returns those that are open, that of clients first.
func (s *Server) endpoints() []*endpoint {
	open := []*endpoint{s.clients}
	if s.admin != nil {
		open = append(open, &s.admin.endpoint)
	}
	if s.probes != nil {
		open = append(open, s.probes)
	}
	return open
}

// build puts together what is behind the ports.
func (s *Server) build(ctx context.Context) (err error) {
	cfg := &s.config
	s.feed = new(stats.Feed)
	s.history = stats.NewHistory(cfg.HistoryCapacity, cfg.HistoryFailures, s.feed)
	if s.trail, err = audit.Open(cfg.AdminAuditFile, cfg.Logger); err != nil {
		return err
	}
	if s.plugins, err = s.newLoader(); err != nil {
		return fmt.Errorf("can't load plugins: %w", err)
	}
	if s.data, err = openData(ctx, cfg, s.nodeID); err != nil {
		return err
	}
	s.nodeID = cmp.Or(s.data.node, s.nodeID)
	if s.cluster, err = s.newCluster(); err != nil {
		s.data.close()
		return err
	}
	s.letters = s.newLetters()
	s.scheduler = s.newScheduler()
	s.curves = curves.New(curves.Config{History: s.history, Counts: s.load})
	metrics, err := s.newMetrics()
	if err != nil {
		s.closeData()
		return err
	}
	s.metrics.Store(&metrics)
	closing, endStreams := context.WithCancel(context.Background())
	s.endStreams = endStreams
	handler, shortcut := newHandler(closing, cfg, s.service(), s.health)
	s.clients.answer(cfg, handler, shortcut, s.health)
	s.answers = handler
	s.operators = s.newOperators(closing, time.Now())
	if s.admin != nil {
		handler := s.newAdminHandler(closing)
		s.forOperators.Store(&handler)
		if s.admin.accepting == nil { // else it serves already
			s.answerOperators(handler)
		}
	}
	return nil
}

// newScheduler returns the scheduler, which keeps things in s.data.
func (s *Server) newScheduler() *scheduler.Scheduler {
	cfg := &s.config
	return scheduler.New(scheduler.Config{
		Tasks:             cfg.Tasks,
		Store:             s.data.results,
		Queue:             s.data.queue,
		Claims:            s.data.claims,
		Node:              s.nodeID,
		Elsewhere:         s.elsewhere(),
		Others:            s.others(),
		Reach:             s.data.reach(),
		Sure:              s.sure(),
		Encode:            service.Encode,
		Full:              s.data.full(),
		Logger:            cfg.Logger,
		MaxPending:        cfg.MaxPendingTasks,
		MaxPendingBytes:   cfg.MaxPendingBytes,
		MaxConcurrent:     cfg.MaxConcurrentTasks,
		MaxSync:           cfg.MaxSyncTasks,
		MaxArguments:      cfg.MaxArguments,
		MaxDependencies:   cfg.MaxDependencies,
		MaxResultBytes:    s.maxResultBytes(),
		DependencyTimeout: cfg.DependencyTimeout,
		LogReasons:        cfg.LogReasons,
		Ended:             s.ended(),
		Said:              s.feed.Said,
		KeepArguments:     cfg.KeepArguments,
		DeadLetter:        s.deadLetter(),
		KeptLetter:        s.keptLetter(),
		Journals:          journal.Limits{Total: cfg.TaskLogMemory, Each: int64(cfg.MaxTaskLogBytes)},

		MaxDependencyTimeout: cfg.MaxDependencyTimeout,
		MaxExecutionTimeout:  cfg.MaxExecutionTimeout,
		MaxStartDelay:        cfg.MaxStartDelay,
	})
}

// service returns what the clients' rpcs are answered with.
func (s *Server) service() service.Config {
	config := service.Config{
		Scheduler:       s.scheduler,
		Tasks:           s.config.Tasks,
		Logger:          s.config.Logger,
		NodeID:          s.nodeID,
		MaxMessageBytes: s.config.MaxMessageBytes,
		MaxDependencies: s.config.MaxDependencies,
		MaxWait:         s.config.MaxWait,
		MaxWatchers:     s.config.MaxWatchers,
		AwaitPlugin:     s.plugins.Await,
		Bodies:          s.newBodies(),
	}
	if s.cluster != nil {
		config.Nodes = nodes{s.cluster}
	}
	return config
}

// ended returns what the scheduler tells of each task's end; nil when no
// operator could ask.
func (s *Server) ended() func(scheduler.Execution) {
	if s.admin == nil && s.probes == nil && s.cluster == nil {
		return nil
	}
	return s.history.Ended
}

// answerOverhead is how many bytes an answer may have beside its result: ids
// and field tags. A client's own limit is usually our limit for messages.
const answerOverhead = 4 << 10

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.clients.listener.Addr() }

// AdminAddr returns the address that it listens on for operators; nil if it
// doesn't.
func (s *Server) AdminAddr() net.Addr {
	if s.admin == nil {
		return nil
	}
	return s.admin.Addr()
}

// Serve answers calls from when the plugins that are there have been loaded, or
// have failed to, or took PluginLoadTimeout, until ctx ends; operators are
// answered at once. Then new tasks are refused and health checks say so, those
// that were admitted go on for DrainTimeout at most, and Serve returns nil when
// everything is closed. An error means that the port failed; the same is done
// then.
func (s *Server) Serve(ctx context.Context) error {
	release := parkStacks()
	defer release()
	stopPlugins := s.runPlugins(ctx)
	stopCurves := s.recordCurves(ctx)
	defer stopCurves()
	if s.admin != nil && s.admin.accepting == nil {
		s.admin.serveBeside(s.config.Logger, "admin")
	}
	err := s.answerClients(ctx)
	if err != nil {
		s.stop(context.WithoutCancel(ctx), stopPlugins)
		return err
	}
	log := s.config.Logger
	log.Info("serving", "addr", s.Addr().String(), "node", s.nodeID, "tls", s.clients.certs.mode(),
		"tasks", len(s.config.Tasks.Tasks()))
	if tcp, ok := s.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && s.clients.certs == nil {
		log.Warn("other machines can reach this address, and nothing is encrypted: "+
			"anybody there can run tasks, and read what others do", "addr", s.Addr().String())
	}

	select {
	case <-ctx.Done():
	case err = <-s.clients.failed:
		err = fmt.Errorf("stopped listening on %s: %w", s.Addr(), err)
	}
	s.stop(context.WithoutCancel(ctx), stopPlugins)
	return err
}

// stop ends it all.
func (s *Server) stop(ctx context.Context, stopPlugins func()) {
	left := s.drain(ctx)
	s.hangUp(ctx)
	stopPlugins()
	s.letters.Settle()
	s.closeData()
	s.config.Logger.Info("stopped", "cut_off", left)
}

// closeData leaves the other nodes and what is kept.
func (s *Server) closeData() {
	if s.cluster != nil {
		s.cluster.Close()
	}
	s.data.close()
}

// drain lets what was admitted end, and returns how many tasks it had to cut
// off.
func (s *Server) drain(ctx context.Context) (left int) {
	s.health.drain()
	s.announce()
	pending, running := s.scheduler.Counts()
	s.config.Logger.Info("draining", "pending", pending, "running", running, "timeout", s.config.DrainTimeout)
	ctx, cancel := context.WithTimeout(ctx, s.config.DrainTimeout)
	defer cancel()
	left, _ = s.scheduler.Drain(ctx) // the error is only that of ctx
	return left
}

// hangUp closes the port and all connections, giving clients a moment to take
// their answers.
func (s *Server) hangUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.hangUpTimeout)
	defer cancel()
	s.endStreams()
	var closing sync.WaitGroup
	for _, e := range s.endpoints() {
		closing.Go(func() { e.hangUp(ctx) })
	}
	closing.Wait()
}
