package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// Log is a [queue.Log] in a stream: all of it where the node is alone, a subject
// where there are several.
type Log struct {
	stream  *cell.Stream
	js      jetstream.JetStream
	subject string
	max     int
	last    atomic.Uint64 // message that was acknowledged
	// reading bounds a Read: that of a log that was taken over ends with the take-over.
	reading func() (context.Context, context.CancelFunc)

	// fenced: others may have taken the log over, so nothing is added or dropped. doubt,
	// if not nil, is called when that is found out by a message that isn't this node's.
	fenced atomic.Bool
	doubt  func()

	mu     sync.Mutex // guards these; see fence.go
	writer string     // empty: nobody else writes to the stream
	writes uint64
}

var _ queue.Log = (*Log)(nil)

func (e *Engine) newLog(subject string) *Log {
	return &Log{
		stream: &cell.Stream{Conn: e.conn, Name: e.names.queue, Several: e.several(), TooFew: e.tooFew},
		js:     e.js, subject: subject, max: e.largest - room/2,
		reading: func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), startTimeout)
		},
	}
}

// MaxMessage implements [queue.Log].
func (l *Log) MaxMessage() int { return l.max }

// Append implements [queue.Log].
func (l *Log) Append(message []byte) (number uint64, err error) {
	if number, err = l.add(message); errors.Is(err, cell.ErrFull) {
		return 0, fmt.Errorf("%w: %w", queue.ErrFull, err)
	}
	return number, err
}

func (l *Log) add(message []byte) (number uint64, err error) {
	if l.stream.Several {
		return l.appendMine(message)
	}
	number, err = l.stream.Publish(context.Background(), &nats.Msg{Subject: l.subject, Data: message})
	if err == nil {
		l.last.Store(number) // there is one writer
	}
	return number, err
}

// Get implements [queue.Log].
func (l *Log) Get(number uint64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, l.stream.Name)
	if err != nil {
		return nil, fmt.Errorf("get: %w", err)
	}
	m, err := stream.GetMsg(ctx, number)
	if err != nil {
		return nil, fmt.Errorf("get message %d: %w", number, err)
	}
	return m.Data, nil
}

// Drop implements [queue.Log].
func (l *Log) Drop(before uint64) error {
	if l.fenced.Load() {
		return queue.ErrFenced // who has taken it over may not have read it yet
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, l.stream.Name)
	if err != nil {
		return fmt.Errorf("drop: %w", err)
	}
	if l.stream.Several {
		// The last message stays: by its number it is known that nobody else has written.
		return stream.Purge(ctx, jetstream.WithPurgeSequence(min(before, l.last.Load())), jetstream.WithPurgeSubject(l.subject))
	}
	return stream.Purge(ctx, jetstream.WithPurgeSequence(before))
}

// errGap says that the server has fewer messages than it told.
var errGap = errors.New("messages are missing")

// nextTimeout is how long a message may take to come. A server that is lost meanwhile
// says nothing; who reads begins anew then.
const nextTimeout = 30 * time.Second

// Read implements [queue.Log].
func (l *Log) Read(f func(number uint64, message []byte) error) error {
	ctx, cancel := l.reading()
	defer cancel()
	stream, err := l.js.Stream(ctx, l.stream.Name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	last, empty := l.last.Load(), false
	if !l.stream.Several {
		state := stream.CachedInfo().State
		last, empty = state.LastSeq, state.Msgs == 0
	}
	if empty {
		return nil
	}
	consumer, err := l.stream.Ordered(ctx, l.js, jetstream.OrderedConsumerConfig{FilterSubjects: []string{l.subject}})
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxBytes(max(8<<20, 2*l.max)))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer messages.Stop()
	for number := uint64(0); number < last; {
		once, cancel := context.WithTimeout(ctx, nextTimeout)
		m, err := messages.Next(jetstream.NextContext(once))
		cancel()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		about, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if number = about.Sequence.Stream; number > last {
			return fmt.Errorf("read: %w", errGap)
		}
		if err := f(number, m.Data()); err != nil {
			return err
		}
	}
	return nil
}
