package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// movedEnding is that of a folder whose content is elsewhere, until it is removed.
const movedEnding = ".moved"

// takeBefore copies what this node has kept while it was alone: a server that is one
// of several passes over streams that the others don't know. The folder goes once all
// of it is there. After a crash half-way it is copied once more, which changes nothing.
func (e *Engine) takeBefore(ctx context.Context) error {
	before := e.config.Before
	if err := os.RemoveAll(before + movedEnding); err != nil {
		return err
	}
	if _, err := os.Stat(before); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	config := e.config
	config.Dir, config.Cluster, config.Before = before, nil, ""
	old, err := Open(ctx, config)
	if err != nil {
		return err
	}
	messages, results := 0, int64(0)
	err = old.queue.Read(func(_ uint64, message []byte) error {
		messages++
		_, err := e.queue.Append(message)
		return err
	})
	if err == nil {
		results, err = e.copyResults(ctx, old)
	}
	old.Close()
	if err != nil {
		return fmt.Errorf("what was kept in %s can't be copied: %w", before, err)
	}
	e.config.Logger.Info("what this node has kept while it was alone is the cluster's now", "results", results, "queue_messages", messages)
	if err := os.Rename(before, before+movedEnding); err != nil {
		return err
	}
	return os.RemoveAll(before + movedEnding)
}

// copiers is how many results are copied at a time.
const copiers = 256

// copyResults copies outcomes, each for what is left of its time.
func (e *Engine) copyResults(ctx context.Context, old *Engine) (copied int64, err error) {
	stream, err := old.js.Stream(ctx, old.names.results)
	if err != nil {
		return 0, err
	}
	left := stream.CachedInfo().State.Msgs
	if left == 0 {
		return 0, nil
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return 0, err
	}
	messages, err := consumer.Messages(jetstream.PullMaxBytes(max(8<<20, 2*e.largest)))
	if err != nil {
		return 0, err
	}
	defer messages.Stop()
	var n atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	free := make(chan struct{}, copiers)
	for pending := left; pending > 0 && failed.Load() == nil; {
		m, nextErr := messages.Next(jetstream.NextContext(ctx))
		if nextErr != nil {
			err = nextErr
			break
		}
		about, aboutErr := m.Metadata()
		if aboutErr != nil {
			err = aboutErr
			break
		}
		pending = about.NumPending
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			switch err := e.copyResult(ctx, strings.TrimPrefix(m.Subject(), old.names.outcome), m.Data(), about.Timestamp); {
			case err == nil:
				n.Add(1)
			case !errors.Is(err, cell.ErrConflict): // else it is there
				failed.Store(&err)
			}
		})
	}
	all.Wait()
	if p := failed.Load(); p != nil {
		err = *p
	}
	return n.Load(), err
}

func (e *Engine) copyResult(ctx context.Context, id string, data []byte, since time.Time) error {
	left := time.Until(since.Add(e.config.TTL))
	if left <= 0 {
		return nil
	}
	ended, err := readOutcome(data)
	if err != nil {
		return err
	}
	ended.Node = cmp.Or(ended.Node, e.config.Node) // alone it wasn't told
	_, err = e.results.writer.write(ctx, cell.For(left, cell.Replacing(e.names.outcome+id, appendOutcome(nil, ended), 0)))
	return err
}
