package nats

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// A writer writes outcomes. Where it gathers, those that come while others are being
// written gather, and are written together: a disk takes as long for a thousand
// as for one.
type writer struct {
	cells  *cell.Stream
	gather bool

	shared *gathering
}

// last returns the last message that was acknowledged.
func (w *writer) last() uint64 { return w.shared.last.Load() }

// note takes in that a message has a number.
func (w *writer) note(number uint64) {
	for {
		last := w.shared.last.Load()
		if number <= last || w.shared.last.CompareAndSwap(last, number) {
			return
		}
	}
}

type gathering struct {
	last atomic.Uint64

	mu      sync.Mutex
	waiting []*write
	writing bool
}

// write is a message on its way.
type write struct {
	message *nats.Msg
	number  uint64
	err     error
	done    chan struct{}
}

// batchMost is how many messages the server takes at a time, by its default.
const batchMost = 1000

func newWriter(cells *cell.Stream, gather bool) writer {
	return writer{cells: cells, gather: gather, shared: new(gathering)}
}

// write publishes a message that says what it replaces, and returns its number. The
// error is [cell.ErrConflict] if there is another one.
func (w *writer) write(ctx context.Context, message *nats.Msg) (number uint64, err error) {
	if !w.gather {
		number, err := w.cells.Publish(ctx, message)
		w.note(number)
		return number, err
	}
	one := &write{message: message, done: make(chan struct{})}
	g := w.shared
	g.mu.Lock()
	g.waiting = append(g.waiting, one)
	if !g.writing {
		g.writing = true
		go w.writeGathered()
	}
	g.mu.Unlock()
	<-one.done
	return one.number, one.err
}

func (w *writer) writeGathered() {
	for {
		batch := w.shared.take()
		if batch == nil {
			return
		}
		w.writeBatch(batch)
		for _, one := range batch {
			close(one.done)
		}
	}
}

// take returns the writes that go together: none is of the same subject as
// another one.
func (g *gathering) take() (batch []*write) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.writing = false
		return nil
	}
	subjects := make(map[string]bool, len(g.waiting))
	var later []*write
	for _, one := range g.waiting {
		if len(batch) == batchMost || subjects[one.message.Subject] {
			later = append(later, one)
			continue
		}
		subjects[one.message.Subject] = true
		batch = append(batch, one)
	}
	g.waiting = later
	return batch
}

// writeBatch writes all or none, and one by one if it is none: one of them may
// have come too late.
func (w *writer) writeBatch(batch []*write) {
	if len(batch) > 1 && w.writeTogether(batch) == nil {
		return
	}
	var all sync.WaitGroup
	for _, one := range batch {
		all.Go(func() {
			for _, name := range []string{batchID, batchSequence, batchCommit} {
				one.message.Header.Del(name)
			}
			one.number, one.err = w.cells.Publish(context.Background(), one.message)
			w.note(one.number)
		})
	}
	all.Wait()
}

// Headers of a message that is one of many.
const (
	batchID       = "Nats-Batch-Id"
	batchSequence = "Nats-Batch-Sequence"
	batchCommit   = "Nats-Batch-Commit"
)

func (w *writer) writeTogether(batch []*write) error {
	id := nuid.Next()
	for i, one := range batch {
		one.message.Header.Set(batchID, id)
		one.message.Header.Set(batchSequence, strconv.Itoa(i+1))
		if i < len(batch)-1 {
			if err := w.cells.Conn.PublishMsg(one.message); err != nil {
				return err
			}
			continue
		}
		one.message.Header.Set(batchCommit, "1")
		number, err := w.cells.PublishOnce(context.Background(), one.message)
		if err != nil {
			return err
		}
		w.note(number)
		for i, one := range batch {
			one.number = number - uint64(len(batch)-1-i) // they follow each other
		}
	}
	return nil
}
