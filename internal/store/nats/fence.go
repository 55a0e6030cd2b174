package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nuid"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// Where nodes share a stream, each writes to a subject of its own, and says with
// each message which one it follows. Who takes over a node's log writes a message
// there: after it, that node can't add any more.

// appendMine adds a message to this node's log. One whose answer is lost is
// recognized by its writer.
func (l *Log) appendMine(message []byte) (number uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fenced.Load() {
		return 0, queue.ErrFenced
	}
	l.writes++
	by := fmt.Sprintf("%s.%d", l.writer, l.writes)
	for until := time.Now().Add(callTimeout); ; {
		number, err = l.stream.Publish(context.Background(), cell.By(by, cell.Replacing(l.subject, message, l.last.Load())))
		if err == nil {
			l.last.Store(number)
			return number, nil
		}
		if !errors.Is(err, cell.ErrConflict) {
			return 0, err
		}
		last, err := l.stream.Last(context.Background(), l.subject)
		switch {
		case err != nil:
			return 0, err
		case last.Writer == by:
			l.last.Store(last.Number)
			return last.Number, nil
		case !l.wrote(last.Writer):
			l.close()
			if l.doubt != nil {
				l.doubt()
			}
			return 0, queue.ErrFenced
		case last.Number == l.last.Load(): // one's own message is on its way: it arrives, or not
			if time.Now().After(until) {
				return 0, fmt.Errorf("append: %w", cell.ErrConflict)
			}
			<-time.After(makePause)
		}
		l.last.Store(last.Number)
	}
}

// wrote tells whether a message is of this log's writer.
func (l *Log) wrote(by string) bool {
	return strings.HasPrefix(by, l.writer+".")
}

// close is called when others have taken the log over, or may have: they may read it
// later. What is being added meanwhile is there before they do, or refused.
func (l *Log) close() { l.fenced.Store(true) }

// begin makes this node the one that writes to the log, once it is opened.
func (l *Log) begin(ctx context.Context) error {
	l.close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writer, l.writes = nuid.Next(), 0
	if err := l.fence(ctx); err != nil {
		return fmt.Errorf("the log of tasks: %w", err)
	}
	return nil
}

// open is called when it is sure that nobody has taken the log over before it was begun:
// what is added after others have read it would be lost.
func (l *Log) open() { l.fenced.Store(false) }

// fence adds an empty message, after which no writer before can add more.
func (l *Log) fence(ctx context.Context) error {
	by := l.writer + ".0"
	for {
		last, err := l.stream.Last(ctx, l.subject)
		if err != nil {
			return err
		}
		number := last.Number
		if last.Writer != by { // else the answer was lost
			number, err = l.stream.Publish(ctx, cell.By(by, cell.Replacing(l.subject, nil, last.Number)))
		}
		if err == nil {
			l.last.Store(number)
			return nil
		}
		if !errors.Is(err, cell.ErrConflict) {
			return err
		}
	}
}

// TakeLog takes over the log of a node that is gone: that node can't add to it any
// more. What it has kept is there for Load of a [queue.Queue] while ctx lives; once
// that is kept elsewhere, DropAll drops it.
func (e *Engine) TakeLog(ctx context.Context, node string) (*Log, error) {
	l := e.newLog(e.names.taskOf(node))
	if err := l.begin(ctx); err != nil {
		return nil, fmt.Errorf("node %q: %w", node, err)
	}
	l.open()
	l.reading = func() (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, startTimeout) }
	return l, nil
}

// DropAll drops what is in a log that was taken over.
func (l *Log) DropAll() error { return l.Drop(l.last.Load()) }
