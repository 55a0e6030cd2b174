package members

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// A Departed is a node whose work was taken over, and that has not come back. Its
// server, if it has one of its own, is still counted on.
type Departed struct {
	ID      string `json:"id"`
	Address string `json:"address,omitempty"`
	Version string `json:"version,omitempty"`
	// Left: it had stopped by itself.
	Left bool `json:"left,omitempty"`
	// Seen is its last sign of life, and Gone when its work was taken over.
	Seen time.Time `json:"seen"`
	Gone time.Time `json:"gone"`
}

// noted is one and the number of the message that told of it.
type noted struct {
	Departed

	number uint64
}

// Departed returns the nodes that were taken over and neither have come back nor were
// forsaken, sorted by id; none where [Config.KeepDeparted] isn't set.
func (m *Members) Departed() []Departed {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Departed, 0, len(m.departed))
	for _, d := range m.departed {
		list = append(list, d.Departed)
	}
	slices.SortFunc(list, func(a, b Departed) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// depart replaces the entry of a node that was taken over.
func (m *Members) depart(ctx context.Context, e entry, number uint64) error {
	if !m.config.KeepDeparted || e.Forsaken {
		return m.remove(ctx, e.ID, number)
	}
	gone := Departed{ID: e.ID, Address: e.Address, Version: e.Version, Left: e.Left, Gone: time.Now()}
	if p, ok := m.Peer(e.ID); ok {
		gone.Seen = p.Seen
	}
	_, err := m.set(ctx, e.ID, entry{Departed: &gone}, number) // without an id, it is none of the nodes
	return err
}

// noteDepartedLocked takes in that a node's entry has been replaced by none.
func (m *Members) noteDepartedLocked(subject string, e entry, number uint64) {
	maps.DeleteFunc(m.departed, func(id string, d noted) bool { return m.subject(id) == subject && d.number < number })
	if d := e.Departed; d != nil && d.ID != m.config.Node && m.departed[d.ID].number < number {
		m.departed[d.ID] = noted{*d, number}
	}
	m.changedLocked()
}

// Forsake says that a node is gone for good, so that the others take over its work
// without waiting, and don't list it any more. It is false if there is no such node.
func (m *Members) Forsake(ctx context.Context, node string) (known bool, err error) {
	for {
		e, number, err := m.read(ctx, node)
		switch {
		case err != nil:
			return false, err
		case e.ID == "" && e.Departed == nil:
			return false, nil
		case e.ID == "":
			err = m.remove(ctx, node, number)
		case e.Forsaken:
			return true, nil
		default:
			e.Left, e.Draining, e.Forsaken = true, true, true
			_, err = m.write(ctx, e, number)
		}
		if !errors.Is(err, cell.ErrConflict) {
			return true, err
		}
	}
}
