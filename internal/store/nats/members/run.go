package members

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// run renews the own entry and looks after those of others, until the node stops.
func (m *Members) run() {
	every := m.config.Lease / beatsPerLease
	for timer := time.NewTimer(0); ; timer.Reset(every) {
		select {
		case <-m.alive.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-m.renew:
		}
		switch {
		case !m.renewOwn(m.alive):
			m.rejoin()
		case m.doubt.Load():
			m.beginAgain()
		}
		for _, id := range m.suspects() {
			m.look(id)
		}
	}
}

// rejoin gives up what others have taken over, and makes this node one of the
// cluster again.
func (m *Members) rejoin() {
	m.config.Logger.Warn("the other nodes have taken this one for dead, and taken over its tasks: it joins them anew")
	m.joined.Store(false)
	m.doubt.Store(false)
	m.mu.Lock()
	fenced := slices.Clone(m.fenced)
	m.mu.Unlock()
	for _, f := range fenced {
		f(m.alive)
	}
	for m.alive.Err() == nil {
		err := m.join(m.alive)
		if err == nil {
			m.config.Logger.Info("this node is one of the cluster again")
			m.renewSoon()
			return
		}
		if m.alive.Err() == nil {
			m.config.Logger.Error("this node can't join the others", "error", err)
		}
		_ = m.pause(m.alive)
	}
}

// suspects returns the nodes that were not renewed for the lease, or have left.
func (m *Members) suspects() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.self.Draining { // it takes nothing more
		return nil
	}
	var ids []string
	for id, p := range m.peers {
		if !m.taking[id] && (p.entry.Left || p.entry.Taker != "" || m.overdueLocked(p)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// overdueLocked tells whether a node had the time to renew its entry. It had if this
// one could: else nobody can, as while the servers choose a leader. One that joins renews
// none, and may have stood still for long before, so it waits for the lease.
func (m *Members) overdueLocked(p *peer) bool {
	if time.Since(p.Seen) <= m.config.Lease {
		return false
	}
	if !m.joined.Load() {
		return time.Since(m.own.joining) > m.config.Lease
	}
	return m.beats.Load()-p.beat > beatsPerLease
}

// look looks at the entry of a node that seems to be gone, and begins to take over
// its work if it is.
func (m *Members) look(id string) {
	seen := m.numberOf(id)
	e, number, err := m.read(m.alive, id)
	if err != nil {
		return
	}
	m.mu.Lock()
	p, ok := m.peers[id]
	switch {
	case !ok:
		m.mu.Unlock()
		return
	case e.ID == "": // one that is not there any more has no number
		m.forgetLocked(m.subject(id), max(number, seen+1))
		m.mu.Unlock()
		return
	case number > p.number:
		m.noteLocked(e, number)
	}
	dead := e.Left || m.overdueLocked(p)
	if dead && p.Alive {
		p.Alive = false
		m.changedLocked()
	}
	handlers := len(m.gone)
	m.mu.Unlock()
	if !dead && e.Taker == "" || handlers == 0 || m.config.Node == id {
		return
	}
	if e.Taker != "" && e.Taker != m.config.Node {
		if abandoned, err := m.abandoned(m.alive, e.Taker); err != nil || !abandoned {
			return
		}
	}
	m.take(e, number)
}

// numberOf returns the number of the newest entry that is known of a node.
func (m *Members) numberOf(id string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.peers[id]; ok {
		return p.number
	}
	return 0
}

// abandoned tells whether a node that takes over another's work is gone itself.
func (m *Members) abandoned(ctx context.Context, taker string) (bool, error) {
	if known, err := m.Known(ctx, taker); err != nil || !known {
		return err == nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.peers[taker]
	return ok && (!p.Alive || m.overdueLocked(p)), nil // who joins has not looked at it before
}

// take takes over a node's work, unless another one is quicker.
func (m *Members) take(e entry, number uint64) {
	e.Taker = m.config.Node
	number, err := m.write(m.alive, e, number)
	if err != nil {
		if !errors.Is(err, cell.ErrConflict) && m.alive.Err() == nil {
			m.config.Logger.Warn("a node is gone, and its work can't be taken over yet", "gone", e.ID, "error", err)
		}
		return
	}
	m.mu.Lock()
	m.taking[e.ID] = true
	handlers := slices.Clone(m.gone)
	m.mu.Unlock()
	m.all.Go(func() { m.takeOver(e, number, handlers) })
}

func (m *Members) takeOver(e entry, number uint64, handlers []func(ctx context.Context, node string, epoch uint64) error) {
	m.config.Logger.Warn("a node is gone; this one takes over its tasks", "gone", e.ID, "left", e.Left)
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.taking, e.ID)
	}()
	for _, f := range handlers {
		if err := f(m.alive, e.ID, e.Epoch); err != nil {
			if m.alive.Err() == nil {
				m.config.Logger.Error("the tasks of a node that is gone can't be taken over; it is tried again", "gone", e.ID, "error", err)
			}
			return // the entry names this node, which looks at it again with its next renewal
		}
	}
	if err := m.depart(m.alive, e, number); err != nil && m.alive.Err() == nil {
		m.config.Logger.Warn("the entry of a node that is gone can't be removed; it is tried again", "gone", e.ID, "error", err)
		return
	}
	m.config.Logger.Info("a node that is gone was taken over", "gone", e.ID)
}

// Leave tells the others that this node has stopped: they take over at once what it
// has kept.
func (m *Members) Leave(ctx context.Context) error {
	m.stop()
	m.all.Wait()
	m.mu.Lock()
	m.self.Left, m.self.Draining = true, true
	m.mu.Unlock()
	// The end may have cut off a renewal that was written all the same. If the entry isn't
	// this node's any more, the others have taken it over already.
	_, err := m.confirm(ctx)
	return err
}

// Close stops to renew the entry, and takes over nothing more. The others take the
// node for dead after the lease, unless it has left.
func (m *Members) Close() {
	m.stop()
	m.all.Wait()
}
