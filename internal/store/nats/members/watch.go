package members

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// beatsPerLease is how often an entry is renewed within the lease.
const beatsPerLease = 5

// startTries is how often the list of nodes is asked for again when a node starts.
const startTries = 5

// Join makes this node one of the cluster. It fails if a node of its name lives, and
// waits as long as others take over what a life before has left. After it the node is
// announced without methods, until [Members.Announce].
func Join(ctx context.Context, config Config) (*Members, error) {
	m := &Members{
		config: config, nonce: nuid.Next(), self: Member{ID: config.Node, Starting: true},
		peers: make(map[string]*peer), changed: make(chan struct{}), taking: make(map[string]bool), renew: make(chan struct{}, 1),
		departed: make(map[string]noted),
	}
	m.sure.began = time.Now()
	m.alive, m.stop = context.WithCancel(context.Background())
	var entries jetstream.MessagesContext
	err := m.patiently(ctx, startTries, func() (err error) {
		entries, err = m.entries(ctx)
		return err
	})
	if err == nil {
		m.all.Go(func() { m.watch(entries) })
		err = m.begin(ctx)
	}
	if err != nil {
		m.stop()
		m.all.Wait()
		return nil, err
	}
	return m, nil
}

// patiently calls f again, so many times, while servers that have just begun don't
// answer. Those that are waited for it asks until they do.
func (m *Members) patiently(ctx context.Context, tries int, f func() error) error {
	for {
		err := f()
		if !m.config.Wait && tries <= 0 || ctx.Err() != nil ||
			!errors.Is(err, cell.ErrAway) && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		tries--
		m.config.Logger.Warn("waiting for the servers that keep the list of nodes", "error", err)
		if err := m.pause(ctx); err != nil {
			return err
		}
	}
}

func (m *Members) begin(ctx context.Context) error {
	if err := m.patiently(ctx, 0, func() error { return m.join(ctx) }); err != nil {
		return err
	}
	answers, err := m.answerAlive()
	if err != nil {
		return err
	}
	m.all.Go(func() {
		<-m.alive.Done()
		_ = answers.Unsubscribe() // it fails only when the connection has ended
	})
	m.all.Go(m.run)
	return nil
}

// entries returns the entries of all nodes, and what they are replaced by.
func (m *Members) entries(ctx context.Context) (jetstream.MessagesContext, error) {
	consumer, err := m.config.Stream.Ordered(ctx, m.config.JS, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, FilterSubjects: []string{m.config.Subject + "*"},
	})
	if err != nil {
		return nil, fmt.Errorf("the list of nodes: %w", err)
	}
	// By default it would take half a minute to notice that the server is gone.
	return consumer.Messages(jetstream.PullExpiry(2*time.Second), jetstream.PullHeartbeat(time.Second/2),
		jetstream.WithMessagesErrOnMissingHeartbeat(false))
}

// watch takes in entries until the node stops.
func (m *Members) watch(entries jetstream.MessagesContext) {
	defer func() { entries.Stop() }() // the last of them
	for m.alive.Err() == nil {
		message, err := entries.Next(jetstream.NextContext(m.alive))
		if err != nil {
			entries.Stop()
			again, err := m.entriesAgain()
			if err != nil {
				return
			}
			entries = again
			continue
		}
		about, err := message.Metadata()
		if err != nil {
			continue
		}
		m.note(cell.Message{Data: message.Data(), Number: about.Sequence.Stream}, message.Subject())
	}
}

// entriesAgain is entries once that succeeds.
func (m *Members) entriesAgain() (jetstream.MessagesContext, error) {
	for {
		entries, err := m.entries(m.alive)
		if err == nil {
			return entries, nil
		}
		if err := m.pause(m.alive); err != nil {
			return nil, err
		}
	}
}

// note takes in a node's entry.
func (m *Members) note(message cell.Message, subject string) {
	e, err := readEntry(message)
	if err != nil {
		m.config.Logger.Warn("a node's entry can't be read", "subject", subject, "error", err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.ID == "" {
		m.noteDepartedLocked(subject, e, message.Number)
		m.forgetLocked(subject, message.Number)
		return
	}
	if e.ID == m.config.Node {
		if e.Nonce != m.nonce || e.Taker != "" {
			m.renewSoon() // which finds out
		}
		return
	}
	m.noteLocked(e, message.Number)
}

func (m *Members) noteLocked(e entry, number uint64) {
	p, ok := m.peers[e.ID]
	switch {
	case !ok && m.departed[e.ID].number > number:
		return // it is old
	case !ok:
		delete(m.departed, e.ID)
		p = new(peer)
		m.peers[e.ID] = p
	case p.number >= number:
		return // it is old
	}
	before, wasAlive := p.Member, p.Alive
	renewed := e.Taker == "" || !ok
	p.entry, p.number, p.Member = e, number, e.Member
	if renewed {
		p.Seen, p.beat = time.Now(), m.beats.Load()
	}
	p.Alive = e.Taker == "" && !e.Left
	if !ok || p.Alive != wasAlive || !same(&before, &p.Member) {
		m.changedLocked()
	}
	if !p.Alive {
		m.renewSoon() // it is looked at soon
	}
}

func (m *Members) forgetLocked(subject string, number uint64) {
	for id, p := range m.peers {
		if m.subject(id) == subject && p.number < number {
			delete(m.peers, id)
			m.changedLocked()
			m.renewSoon()
		}
	}
}

// same tells whether two entries differ in nothing but figures.
func same(a, b *Member) bool {
	return a.Epoch == b.Epoch && a.Address == b.Address && a.Version == b.Version &&
		a.Draining == b.Draining && a.Starting == b.Starting && a.Left == b.Left &&
		a.MethodsSum == b.MethodsSum && slices.Equal(a.Methods, b.Methods)
}
