package nats

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// A writer writes outcomes. With sync, those that come while others are being
// written gather, and are written together: a disk takes as long for a thousand
// as for one.
type writer struct {
	conn *nats.Conn
	sync bool

	shared *gathering
}

// last returns the last message that was acknowledged.
func (w *writer) last() uint64 { return w.shared.last.Load() }

// publish publishes a message.
func (w *writer) publish(ctx context.Context, message *nats.Msg) error {
	number, err := publish(ctx, w.conn, message)
	for err == nil {
		last := w.shared.last.Load()
		if number <= last || w.shared.last.CompareAndSwap(last, number) {
			break
		}
	}
	return err
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
	err     error
	done    chan struct{}
}

// batchMost is how many messages the server takes at a time, by its default.
const batchMost = 1000

func newWriter(conn *nats.Conn, sync bool) writer {
	return writer{conn: conn, sync: sync, shared: new(gathering)}
}

const expectedLast = "Nats-Expected-Last-Subject-Sequence"

// write writes a message in the place of another one; "0" is none. The error is
// errConflict if there is one that is not that.
func (w *writer) write(ctx context.Context, subject string, data []byte, replaces string) error {
	message := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{expectedLast: {replaces}}}
	if !w.sync {
		return w.publish(ctx, message)
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
	return one.err
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
			one.message.Header = nats.Header{expectedLast: one.message.Header[expectedLast]}
			one.err = w.publish(context.Background(), one.message)
		})
	}
	all.Wait()
}

func (w *writer) writeTogether(batch []*write) error {
	id := nuid.Next()
	for i, one := range batch {
		one.message.Header.Set("Nats-Batch-Id", id)
		one.message.Header.Set("Nats-Batch-Sequence", strconv.Itoa(i+1))
		if i == len(batch)-1 {
			one.message.Header.Set("Nats-Batch-Commit", "1")
			return w.publish(context.Background(), one.message)
		}
		if err := w.conn.PublishMsg(one.message); err != nil {
			return err
		}
	}
	return nil
}
