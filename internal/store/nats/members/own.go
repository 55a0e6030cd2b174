package members

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// own is this node's entry. Only the goroutine that renews it changes it.
type own struct {
	number  uint64    // of its message
	joining time.Time // when this node has begun to join, the last time
}

// errTaken says that another process has this node's id.
var errTaken = errors.New("another node of this name is in the cluster: give each one a name of its own")

// aliveTimeout is how long a node of the same id has to answer that it lives.
const aliveTimeout = time.Second

// join makes an entry for this node, in the place of that of a life before.
func (m *Members) join(ctx context.Context) error {
	if err := m.checkFormats(ctx, everybody); err != nil {
		return err
	}
	m.own.joining = time.Now()
	for {
		e, number, err := m.read(ctx, m.config.Node)
		if err != nil {
			return err
		}
		switch free, err := m.free(ctx, e, number); {
		case err != nil:
			return err
		case !free:
			if err := m.pause(ctx); err != nil {
				return err
			}
			continue
		}
		self := m.Self()
		self.Epoch = 0
		first := m.entryOf(self)
		if number, err = m.write(ctx, first, number); errors.Is(err, cell.ErrConflict) {
			continue // perhaps by one's own
		} else if err != nil {
			return err
		}
		if err := m.checkFormats(ctx, number); err != nil { // those that began at the same time
			first.Left, first.Draining = true, true
			_, _ = m.write(ctx, first, number) // else the others wait for the lease
			return err
		}
		m.mu.Lock()
		m.self.Epoch = number
		m.mu.Unlock()
		m.own.number = number
		if err := m.config.Joined(ctx); err != nil {
			return err
		}
		if mine, err := m.confirm(ctx); err != nil {
			return err
		} else if !mine {
			continue
		}
		m.joined.Store(true)
		m.config.Confirmed()
		return nil
	}
}

// confirm reports whether the entry is this node's: others that take it for dead say so
// there before they do anything. Reading it would not do, since what is read may be old.
func (m *Members) confirm(ctx context.Context) (mine bool, err error) {
	for {
		mine, err = m.writeOwn(ctx)
		if !errors.Is(err, cell.ErrConflict) {
			return mine, err
		}
	}
}

// writeOwn writes the entry once more. mine is false if it is not this node's any more.
// The error is [cell.ErrConflict] if an answer was lost; then it is tried again.
func (m *Members) writeOwn(ctx context.Context) (mine bool, err error) {
	began := time.Now()
	number, err := m.write(ctx, m.entryOf(m.Self()), m.own.number)
	switch {
	case err == nil:
		m.own.number = number
		m.sure.since(began)
		return true, nil
	case !errors.Is(err, cell.ErrConflict):
		return false, err
	}
	e, number, readErr := m.read(ctx, m.config.Node)
	switch {
	case readErr != nil:
		return false, readErr
	case e.Nonce != m.nonce || e.Taker != "":
		return false, nil
	}
	m.own.number = number
	return true, err
}

// free tells whether this node may take the place of an entry of its id. It is an
// error if that is of a node that lives.
func (m *Members) free(ctx context.Context, e entry, number uint64) (bool, error) {
	switch {
	case e.ID == "" || e.Left && e.Taker == "" || e.Nonce == m.nonce && e.Taker == "":
		return true, nil
	case e.Taker != "":
		return m.abandoned(ctx, e.Taker) // else one waits until the other is done
	}
	once, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	answer, err := m.config.Stream.Conn.RequestWithContext(once, m.aliveSubject(m.config.Node), nil)
	switch {
	case errors.Is(err, nats.ErrNoResponders) && (e.Origin == "" || e.Origin == m.config.Origin):
		return true, nil // else it may live where this one's questions don't get to
	case err == nil && string(answer.Data) != m.nonce:
		return false, fmt.Errorf("node %q: %w", m.config.Node, errTaken)
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	return m.unchanged(ctx, number)
}

// unchanged waits for the lease and tells whether an entry was not renewed meanwhile.
func (m *Members) unchanged(ctx context.Context, number uint64) (bool, error) {
	for until := time.Now().Add(m.config.Lease); time.Now().Before(until); {
		if err := m.pause(ctx); err != nil {
			return false, err
		}
		e, now, err := m.read(ctx, m.config.Node)
		switch {
		case err != nil:
			return false, err
		case now != number && e.ID != "" && e.Taker == "":
			return false, fmt.Errorf("node %q: %w", m.config.Node, errTaken)
		case now != number:
			return false, nil
		}
	}
	return true, nil
}

// pause waits a part of the lease.
func (m *Members) pause(ctx context.Context) error { return pause.For(ctx, m.config.Lease/20) }

// aliveSubject is where a node says that it lives.
func (m *Members) aliveSubject(node string) string { return m.subject(node) + ".alive" }

// answerAlive has this node say that it lives.
func (m *Members) answerAlive() (*nats.Subscription, error) {
	return m.config.Stream.Conn.Subscribe(m.aliveSubject(m.config.Node), func(question *nats.Msg) {
		_ = question.Respond([]byte(m.nonce)) // who asks looks at the entry otherwise
	})
}

// renewSoon has the entry written at once.
func (m *Members) renewSoon() {
	select {
	case m.renew <- struct{}{}:
	default:
	}
}

// renewOwn renews the entry. It is false if others have taken this node for dead.
func (m *Members) renewOwn(ctx context.Context) (mine bool) {
	mine, err := m.writeOwn(ctx)
	if err == nil && mine {
		m.beats.Add(1)
	}
	return mine || err != nil // not known
}
