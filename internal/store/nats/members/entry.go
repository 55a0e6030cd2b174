package members

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// An entry is what the stream has of a node. Other versions may write more of it.
type entry struct {
	Member

	// Nonce is the process's that wrote it.
	Nonce string `json:"nonce"`
	// Origin is its process's [Config.Origin].
	Origin string `json:"origin,omitempty"`
	// Format is what its version writes, and Oldest the oldest format of nodes that it
	// works together with.
	Format int `json:"format,omitempty"`
	Oldest int `json:"oldest_format,omitempty"`
	// Taker is the node that takes over this one's work.
	Taker string `json:"taker,omitempty"`
	// Forsaken: it doesn't come back.
	Forsaken bool `json:"forsaken,omitempty"`
	// Departed stands in the place of all else once the node was taken over.
	Departed *Departed `json:"departed,omitempty"`
}

// goneFor is how long an empty entry stays in the place of one that was removed.
const goneFor = time.Minute

// entryOf returns the entry in which this node tells that of itself.
func (m *Members) entryOf(self Member) entry {
	return entry{Member: self, Nonce: m.nonce, Origin: m.config.Origin, Format: format, Oldest: oldest}
}

// subject returns where a node's entry is. An id may be of any characters.
func (m *Members) subject(node string) string {
	return m.config.Subject + base64.RawURLEncoding.EncodeToString([]byte(node))
}

// read returns a node's entry by the leader's word; it has no ID if there is none.
func (m *Members) read(ctx context.Context, node string) (entry, uint64, error) {
	message, err := m.config.Stream.Last(ctx, m.subject(node))
	if err != nil {
		return entry{}, 0, err
	}
	e, err := readEntry(message)
	return e, message.Number, err
}

func readEntry(message cell.Message) (e entry, err error) {
	if len(message.Data) == 0 {
		return entry{}, nil
	}
	if err := json.Unmarshal(message.Data, &e); err != nil {
		return entry{}, fmt.Errorf("a node's entry: %w", err)
	}
	if e.Epoch == 0 {
		e.Epoch = message.Number // its first
	}
	return e, nil
}

// write replaces a node's entry of that number.
func (m *Members) write(ctx context.Context, e entry, number uint64) (uint64, error) {
	return m.set(ctx, e.ID, e, number)
}

func (m *Members) set(ctx context.Context, node string, e entry, number uint64) (uint64, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	return m.config.Stream.Set(ctx, m.subject(node), text, number)
}

// remove replaces a node's entry of that number by none.
func (m *Members) remove(ctx context.Context, node string, number uint64) error {
	_, err := m.config.Stream.Publish(ctx, cell.For(goneFor, cell.Replacing(m.subject(node), nil, number)))
	return err
}
