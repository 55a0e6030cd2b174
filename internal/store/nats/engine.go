// Package nats keeps what outlives the process with NATS JetStream: outcomes of
// tasks in one stream, a message an id, and the queue's log in another. The
// server is embedded: it is reached through memory, opens no port and keeps its
// files in a folder.
package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Config says where and how an [Engine] keeps things.
type Config struct {
	// Dir is the folder for the engine's files, which nobody else may use.
	Dir string
	// Sync makes everything wait for the disk before it counts as stored.
	Sync bool
	// MaxMessage is how many bytes a message may have, at most [LargestMessage].
	MaxMessage int
	// TTL is how long an outcome is kept, a second at least.
	TTL time.Duration
	// Capacity is how many outcomes are kept at the most.
	Capacity int
	// Logger gets what the server says. Nil: slog.Default().
	Logger *slog.Logger
}

const (
	// LargestMessage is what [Config.MaxMessage] may be at most: the server takes
	// a record of 32 MiB for a damaged one.
	LargestMessage = 31 << 20
	// syncInterval is how often files are synced when nobody waits for it.
	syncInterval = 10 * time.Second
	// callTimeout bounds a call to the server.
	callTimeout = 10 * time.Second
	// startTimeout bounds its start, in which it may have to read all there is.
	startTimeout = 10 * time.Minute
)

// Names of streams and subjects.
const (
	resultStream  = "results"
	resultSubject = "r."
	queueStream   = "queue"
	queueSubject  = "q"
)

// An Engine is a running server and the connection to it.
type Engine struct {
	config  Config
	server  *server.Server
	conn    *nats.Conn
	js      jetstream.JetStream
	log     *serverLog
	results *Results
	queue   *Log
	marker  sync.WaitGroup
	closing chan struct{}
}

// Open starts a server on what is in the folder. Its errors name the folder.
func Open(ctx context.Context, config Config) (*Engine, error) {
	config.Logger = cmp.Or(config.Logger, slog.Default())
	config.TTL = max(config.TTL, time.Second)
	if config.MaxMessage > LargestMessage {
		return nil, fmt.Errorf("messages may have %d bytes; at most %d can be stored", config.MaxMessage, LargestMessage)
	}
	e := &Engine{config: config, log: &serverLog{logger: config.Logger}, closing: make(chan struct{})}
	report, err := Check(config.Dir, config.Sync)
	if err != nil {
		return nil, fmt.Errorf("%w: restore a backup, or see how much can be saved; nothing was changed", err)
	}
	if report.Missing > 0 {
		config.Logger.Warn("results and tasks that were stored last are missing: the machine stopped before its disk had them",
			"messages", report.Missing)
	}
	if err := e.start(ctx, &report); err != nil {
		e.Close()
		return nil, fmt.Errorf("the store in %s does not start: %w", config.Dir, err)
	}
	e.marker.Go(e.mark)
	return e, nil
}

// markEvery is how often it is noted how far the streams are.
const markEvery = time.Second

// mark notes how far the streams are, until the engine is closed.
func (e *Engine) mark() {
	ticker := time.NewTicker(markEvery)
	defer ticker.Stop()
	last := mark{boot: bootID()}
	for closing := false; !closing; {
		select {
		case <-ticker.C:
		case <-e.closing:
			closing = true
		}
		next := mark{boot: last.boot, results: e.results.writer.last(), queue: e.queue.last.Load()}
		if next == last {
			continue
		}
		if err := next.write(e.config.Dir); err != nil {
			e.config.Logger.Warn("it can't be noted how far the store is", "error", err)
		}
		last = next
	}
}

// room is what a message may have beside its largest part: headers, numbers.
const room = 64 << 10

func (e *Engine) start(ctx context.Context, found *Report) (err error) {
	e.server, err = server.NewServer(&server.Options{
		ServerName:        "task-scheduler",
		DontListen:        true,
		JetStream:         true,
		StoreDir:          e.config.Dir,
		JetStreamMaxStore: 1 << 60, // the disk is the bound
		SyncAlways:        e.config.Sync,
		SyncInterval:      syncInterval,
		MaxPayload:        int32(e.config.MaxMessage + room),
		MaxPending:        256 << 20, // to one connection, which reads as fast as it can
		NoSigs:            true,
		NoSystemAccount:   true,
	})
	if err != nil {
		return err
	}
	e.server.SetLoggerV2(e.log, false, false, false)
	e.server.Start()
	if !e.server.ReadyForConnections(startTimeout) || !e.server.JetStreamEnabled() {
		return cmp.Or(e.log.fatal(), errors.New("it says no reason"))
	}
	e.conn, err = nats.Connect("", nats.InProcessServer(e.server), nats.Timeout(callTimeout),
		nats.MaxReconnects(-1), nats.ReconnectWait(time.Second), nats.ReconnectBufSize(-1))
	if err != nil {
		return err
	}
	if e.js, err = jetstream.New(e.conn, jetstream.WithDefaultTimeout(callTimeout)); err != nil {
		return err
	}
	if err := e.makeStreams(ctx, found); err != nil {
		return err
	}
	e.results = newResults(e.conn, e.js, e.config)
	e.queue = &Log{conn: e.conn, js: e.js, max: e.config.MaxMessage + room/2}
	return nil
}

// makeStreams makes the streams, or gives those that are there these settings.
func (e *Engine) makeStreams(ctx context.Context, found *Report) error {
	for _, stream := range []struct {
		jetstream.StreamConfig

		last uint64
	}{
		{last: found.Results.Last, StreamConfig: jetstream.StreamConfig{
			Name: resultStream, Subjects: []string{resultSubject + ">"},
			MaxMsgsPerSubject: 1, MaxMsgs: int64(e.config.Capacity), MaxAge: e.config.TTL, Duplicates: time.Second,
			AllowDirect: true, AllowAtomicPublish: true,
		}},
		{last: found.Tasks.Last, StreamConfig: jetstream.StreamConfig{
			Name: queueStream, Subjects: []string{queueSubject}, AllowDirect: true,
		}},
	} {
		ctx, cancel := context.WithTimeout(ctx, startTimeout)
		made, err := e.js.CreateOrUpdateStream(ctx, stream.StreamConfig)
		cancel()
		if err != nil {
			return fmt.Errorf("stream %s: %w", stream.Name, err)
		}
		if last := made.CachedInfo().State.LastSeq; last < stream.last {
			return fmt.Errorf("stream %s: the server has messages up to %d, the files up to %d", stream.Name, last, stream.last)
		}
	}
	return nil
}

// Results returns the store of outcomes.
func (e *Engine) Results() *Results { return e.results }

// Log returns the queue's log.
func (e *Engine) Log() *Log { return e.queue }

// Close stops the server. Nobody may use what the engine gave any more.
func (e *Engine) Close() {
	close(e.closing)
	e.marker.Wait()
	if e.conn != nil {
		e.conn.Close()
	}
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
}
