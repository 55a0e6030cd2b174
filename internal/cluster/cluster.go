// Package cluster is what a node knows of the others and asks of them: which there
// are and what they can run, who has a task, and how it has ended. Nodes reach each
// other through internal/cluster/tunnel.
package cluster

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/taskscheduler/taskscheduler/internal/cluster/tunnel"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// Config is what a [Cluster] needs; all fields must be set.
type Config struct {
	// Node is this node's id.
	Node string
	// Conn leads to the others, whose subjects begin with Subject.
	Conn    *nats.Conn
	Subject string
	// Members are the nodes.
	Members *members.Members
	// Store has the outcomes of all nodes' tasks, and Claims say whose an id is.
	Store  store.Store
	Claims store.Claims
	// OnStored has f called soon after something was stored of an id by any node,
	// as far as messages are not lost; it must not wait. stop ends that.
	OnStored func(id string, f func()) (stop func())
	// Logger gets what operators want to know.
	Logger *slog.Logger
}

// A Cluster is the other nodes, as this one sees them. It is safe for concurrent
// use.
type Cluster struct {
	config    Config
	transport *tunnel.Transport
	awaits    awaits
	methods   methods
	alive     context.Context //nolint:containedctx // it is that of what runs until Close
	stop      context.CancelFunc
	running   sync.WaitGroup

	mu     sync.Mutex
	server *tunnel.Server        // nil: not yet, or not any more
	self   func() members.Member // nil: not yet
}

var _ scheduler.Elsewhere = (*Cluster)(nil)

// New returns the cluster that this node is a member of. It reaches the others, but
// answers them only after [Cluster.Serve]. It must be closed.
func New(config Config) (*Cluster, error) {
	transport, err := tunnel.NewTransport(config.Conn, config.Subject, config.Node)
	if err != nil {
		return nil, err
	}
	c := &Cluster{config: config, transport: transport}
	c.alive, c.stop = context.WithCancel(context.Background())
	c.awaits.init()
	c.methods.others = make(map[string]methodList)
	for range lookers {
		c.running.Go(c.look)
	}
	c.running.Go(c.lookAgain)
	c.running.Go(c.learn)
	return c, nil
}

// Handlers is what a node answers the others with.
type Handlers struct {
	// HTTP answers what clients and operators ask too.
	HTTP http.Handler
	// Sight returns what the others may know of a task, see [scheduler.Scheduler.Sight].
	Sight func(id string) (scheduler.Sighting, bool)
	// TakeOver takes over tasks that another node, which lives, has accepted; see
	// [scheduler.Scheduler.TakeOver].
	TakeOver func(ctx context.Context, from string, tasks []queue.Record) error
	// Self returns what the others are told of this node.
	Self func() members.Member
}

// announceEvery is how often it is looked whether the others should be told something
// new.
const announceEvery = 500 * time.Millisecond

// Serve answers the other nodes from now on, and tells them what this one can run.
func (c *Cluster) Serve(handlers Handlers) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+sightPath, func(w http.ResponseWriter, r *http.Request) { answerSight(w, r, handlers.Sight) })
	mux.HandleFunc("POST "+tasksPath, func(w http.ResponseWriter, r *http.Request) { answerTasks(w, r, handlers.TakeOver) })
	mux.HandleFunc("GET "+methodsPath, c.methods.answer)
	mux.Handle("/", handlers.HTTP)
	server, err := tunnel.Serve(c.config.Conn, c.config.Subject, c.config.Node, mux, c.config.Logger)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.server, c.self = server, handlers.Self
	c.mu.Unlock()
	c.Announce()
	c.running.Go(func() {
		ticker := time.NewTicker(announceEvery)
		defer ticker.Stop()
		for {
			select {
			case <-c.alive.Done():
				return
			case <-ticker.C:
				c.Announce()
			}
		}
	})
	return nil
}

// Announce tells the others of this node as it is now, if they should know at once.
// It does so by itself from time to time.
func (c *Cluster) Announce() {
	c.mu.Lock()
	self := c.self
	c.mu.Unlock()
	if self != nil {
		c.config.Members.Announce(c.methods.short(self()))
	}
}

// Close ends the calls to other nodes and theirs.
func (c *Cluster) Close() {
	c.stop()
	c.mu.Lock()
	server := c.server
	c.server = nil
	c.mu.Unlock()
	if server != nil {
		server.Close()
	}
	c.transport.Close()
	c.running.Wait()
}

// Do carries a request to the node at whose address its URL begins.
func (c *Cluster) Do(r *http.Request) (*http.Response, error) { return c.transport.RoundTrip(r) }

// Address returns where Do finds a node.
func (*Cluster) Address(node string) string { return tunnel.URL(node) }

// Unreached reports that an error of Do means that nobody has got the request.
func (*Cluster) Unreached(err error) bool { return errors.Is(err, tunnel.ErrUnreached) }

// InFlight returns how many calls to a node are open.
func (c *Cluster) InFlight(node string) int { return c.transport.InFlight(node) }

// Departed returns those of the other nodes' own servers that are counted on though
// the node was taken over.
func (c *Cluster) Departed() []members.Departed { return c.config.Members.Departed() }

// Members returns the other nodes, dead ones included.
func (c *Cluster) Members() []members.Peer { return c.methods.complete(c.config.Members.List()) }
