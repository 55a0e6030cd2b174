// Package nats keeps what outlives the process with NATS JetStream: outcomes of
// tasks in one stream, a message an id, and the queue's log in another. The
// server is embedded: it is reached through memory, opens no port and keeps its
// files in a folder. Or servers outside are used, by several nodes together: then
// the log has a subject for each node, and a third stream tells which there are.
package nats

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// Config says where and how an [Engine] keeps things.
type Config struct {
	// Dir is the folder for the engine's files, which nobody else may use. It isn't
	// needed with servers outside.
	Dir string
	// Sync makes everything wait for the disk before it counts as stored. Servers
	// outside have a setting of their own for it.
	Sync bool
	// MaxMessage is how many bytes a message may have, at most [LargestMessage].
	MaxMessage int
	// TTL is how long an outcome is kept, a second at least.
	TTL time.Duration
	// Capacity is how many outcomes are kept at the most.
	Capacity int
	// Logger gets what the server says. Nil: slog.Default().
	Logger *slog.Logger

	// Outside are the servers to use that run by themselves. Nil: the engine runs
	// its own.
	Outside *Outside
	// Cluster has the engine's own server keep data together with those of other
	// nodes. Nil: alone.
	Cluster *Cluster
	// Before is the folder that the engine had while this node was alone: with Cluster,
	// what is there is taken over. Empty: none.
	Before string
	// Node is this node's id and Lease how long the others wait for it before they
	// take it for dead. They count where several nodes share what is kept.
	Node  string
	Lease time.Duration
}

const (
	// LargestMessage is what [Config.MaxMessage] may be at most: the server takes
	// a record of 32 MiB for a damaged one.
	LargestMessage = 31 << 20
	// syncInterval is how often files are synced when nobody waits for it.
	syncInterval = 10 * time.Second
	// callTimeout bounds a call to the server.
	callTimeout = 10 * time.Second
	// leaveTimeout bounds the news that this node stops.
	leaveTimeout = 3 * time.Second
	// startTimeout bounds its start, in which it may have to read all there is.
	startTimeout = 10 * time.Minute
)

// An Engine is the connection to the servers, and its own server where it has one.
type Engine struct {
	config  Config
	names   names
	server  *server.Server // nil: outside
	conn    *nats.Conn
	js      jetstream.JetStream
	log     *serverLog
	results *Results
	queue   *Log
	members *members.Members // nil: alone
	ends    *ends            // nil: alone
	marker  sync.WaitGroup
	closing chan struct{}
	largest int                   // message that the servers take
	denied  atomic.Pointer[error] // the first thing that this node's user may not do
	nodes   atomic.Int64          // of the cluster, once this one has joined; see size

	password string // of the own server's users
}

// Open starts a server on what is in the folder, or connects to those outside. Its
// errors name the folder, or the servers.
func Open(ctx context.Context, config Config) (*Engine, error) {
	config.Logger = cmp.Or(config.Logger, slog.Default())
	config.TTL = max(config.TTL, time.Second)
	if config.MaxMessage > LargestMessage {
		return nil, fmt.Errorf("messages may have %d bytes; at most %d can be stored", config.MaxMessage, LargestMessage)
	}
	e := &Engine{config: config, log: newServerLog(config), closing: make(chan struct{})}
	e.log.reach = e.Reach
	open := e.openAlone
	switch {
	case config.Outside != nil:
		open = e.openOutside
	case config.Cluster != nil:
		open = e.openCluster
	}
	if err := open(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// several tells whether several nodes share what is kept.
func (e *Engine) several() bool { return e.config.Outside != nil || e.config.Cluster != nil }

// Results returns the store of outcomes.
func (e *Engine) Results() *Results { return e.results }

// Log returns the queue's log.
func (e *Engine) Log() *Log { return e.queue }

// Members returns the nodes that share what is kept; nil if there is only this one.
func (e *Engine) Members() *members.Members { return e.members }

// Conn returns the connection, for messages between nodes. Their subjects are those
// that [Engine.Subject] makes.
func (e *Engine) Conn() *nats.Conn { return e.conn }

// Subject returns a subject for messages between nodes that nobody else uses, and
// that no stream keeps.
func (e *Engine) Subject(words string) string { return e.names.prefix + words }

// MaxOutcome returns how many bytes an outcome may have at the most.
func (e *Engine) MaxOutcome() int { return e.largest - room/2 }

// Leave tells the other nodes, if there are any, that this one stops: they take over
// at once what is in its log.
func (e *Engine) Leave(ctx context.Context) error {
	if e.members == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, leaveTimeout)
	defer cancel()
	return e.members.Leave(ctx)
}

// Close ends it. Nobody may use what the engine gave any more.
func (e *Engine) Close() {
	close(e.closing)
	e.marker.Wait()
	if e.members != nil {
		e.members.Close()
	}
	if e.conn != nil {
		e.conn.Close()
	}
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
}
