package nats

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/queue"
)

// Log is a [queue.Log] in a stream.
type Log struct {
	conn *nats.Conn
	js   jetstream.JetStream
	max  int
	last atomic.Uint64 // message that was acknowledged
}

var _ queue.Log = (*Log)(nil)

// MaxMessage implements [queue.Log].
func (l *Log) MaxMessage() int { return l.max }

// Append implements [queue.Log].
func (l *Log) Append(message []byte) (number uint64, err error) {
	number, err = publish(context.Background(), l.conn, &nats.Msg{Subject: queueSubject, Data: message})
	if err == nil {
		l.last.Store(number) // there is one writer
	}
	return number, err
}

// Get implements [queue.Log].
func (l *Log) Get(number uint64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, queueStream)
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
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, queueStream)
	if err != nil {
		return fmt.Errorf("drop: %w", err)
	}
	return stream.Purge(ctx, jetstream.WithPurgeSequence(before))
}

// errGap says that the server has fewer messages than it told.
var errGap = errors.New("messages are missing")

// Read implements [queue.Log].
func (l *Log) Read(f func(number uint64, message []byte) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, queueStream)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 {
		return nil
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxBytes(max(8<<20, 2*l.max)))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer messages.Stop()
	for range state.Msgs {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		about, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if about.Sequence.Stream > state.LastSeq {
			return fmt.Errorf("read: %w", errGap)
		}
		if err := f(about.Sequence.Stream, m.Data()); err != nil {
			return err
		}
	}
	return nil
}
