package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// openAlone starts a server of the engine's own, for this node alone.
func (e *Engine) openAlone(ctx context.Context) error {
	e.names = alone
	report, err := Check(e.config.Dir, e.config.Sync)
	if err != nil {
		return fmt.Errorf("%w: restore a backup, or see how much can be saved; nothing was changed", err)
	}
	if report.Missing > 0 {
		e.config.Logger.Warn("results and tasks that were stored last are missing: the machine stopped before its disk had them",
			"messages", report.Missing)
	}
	if err := e.start(ctx, &report); err != nil {
		return fmt.Errorf("the store in %s does not start: %w", e.config.Dir, err)
	}
	e.marker.Go(e.mark)
	return nil
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
		JetStreamMaxStore: mostStored,
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
	e.largest = e.config.MaxMessage + room
	e.results = e.newResults()
	e.queue = e.newLog(alone.task)
	return nil
}

// makeStreams makes the streams, or gives those that are there these settings.
func (e *Engine) makeStreams(ctx context.Context, found *Report) error {
	for _, stream := range []struct {
		jetstream.StreamConfig

		last uint64
	}{
		{last: found.Results.Last, StreamConfig: jetstream.StreamConfig{
			Name: alone.results, Subjects: []string{alone.outcome + ">"},
			MaxMsgsPerSubject: 1, MaxMsgs: int64(e.config.Capacity), MaxAge: e.config.TTL, Duplicates: time.Second,
			AllowDirect: true, AllowAtomicPublish: true,
		}},
		{last: found.Tasks.Last, StreamConfig: jetstream.StreamConfig{
			Name: alone.queue, Subjects: []string{alone.task}, AllowDirect: true,
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
