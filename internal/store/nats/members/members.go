// Package members tells the nodes of a cluster of each other, and which of them
// live. Each has an entry in a stream, which it renews; one that is not renewed for
// the lease is that of a dead node, whose work one of the others takes over.
package members

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// A Member is what a node tells of itself.
type Member struct {
	// ID is the node's.
	ID string `json:"id"`
	// Epoch tells one life of the node from another: a later one has a higher
	// number. The package sets it.
	Epoch uint64 `json:"epoch"`
	// Address is where clients reach the node.
	Address string `json:"address,omitempty"`
	// Version is that of its program.
	Version string `json:"version,omitempty"`
	// Methods are the tasks that it can run, sorted.
	Methods []string `json:"methods,omitempty"`
	// MethodsSum stands for them where they are too many to be told each time: who wants
	// them asks the node. It changes when they do.
	MethodsSum string `json:"methods_sum,omitempty"`
	// Pending, Running and Queued are how many tasks it has: those that have not begun
	// or wait to run again, those that run, and of both those that are kept.
	Pending int `json:"pending,omitempty"`
	Running int `json:"running,omitempty"`
	Queued  int `json:"queued,omitempty"`
	// Letters are those that have used up their attempts.
	Letters int `json:"letters,omitempty"`
	// Draining: it takes no more tasks.
	Draining bool `json:"draining,omitempty"`
	// Starting: it is draining because it has just begun, and will take them.
	Starting bool `json:"starting,omitempty"`
	// Left: it has stopped, and its kept tasks are the others'.
	Left bool `json:"left,omitempty"`
}

// A Peer is another node of the cluster. It must not be changed.
type Peer struct {
	Member

	// Alive: its entry was renewed within the lease, by this node's clock.
	Alive bool
	// Seen is when this node saw it renewed.
	Seen time.Time
}

// Config says of which node and cluster one tells.
type Config struct {
	// Stream keeps the entries; Subject is what their subjects begin with.
	Stream  *cell.Stream
	JS      jetstream.JetStream
	Subject string
	// Node is this node's id.
	Node string
	// Origin tells the node itself, started again, from another one of its id. Empty:
	// it can't be told.
	Origin string
	// Lease is how long an entry is good.
	Lease time.Duration
	// Wait has [Join] wait for servers that are not there, or choose a leader.
	Wait bool
	// KeepDeparted has [Members.Departed] tell of nodes that were taken over.
	KeepDeparted bool
	// Joined is called each time that the node is one of the cluster, before the
	// others are told what it can do; Confirmed after it, when it is sure that they have
	// not taken the node for dead meanwhile.
	Joined    func(ctx context.Context) error
	Confirmed func()
	// Logger gets what operators want to know.
	Logger *slog.Logger
}

// Members are the nodes of a cluster, as one of them sees it. It is safe for
// concurrent use.
type Members struct {
	config Config
	nonce  string // this process's
	own    own
	beats  atomic.Uint64 // renewals of the own entry so far
	joined atomic.Bool
	sure   sure
	doubt  atomic.Bool // see Doubt

	mu      sync.Mutex
	self    Member
	peers   map[string]*peer
	changed chan struct{} // closed at the next change
	gone    []func(ctx context.Context, node string, epoch uint64) error
	fenced  []func(ctx context.Context)
	taking  map[string]bool // nodes whose work is being taken over here

	departed map[string]noted

	renew chan struct{}   // has a token when the entry should be written at once
	alive context.Context //nolint:containedctx // it is that of what runs until Close
	stop  context.CancelFunc
	all   sync.WaitGroup
}

// peer is what is known of another node.
type peer struct {
	Peer

	entry  entry
	number uint64 // of the entry's message
	beat   uint64 // of own renewals, when it was seen
}

// Announce says what the node tells of itself from now on. ID and Epoch are set by
// the package. Others are told at once of what they must know soon, and else with
// the next renewal.
func (m *Members) Announce(self Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.self
	self.ID, self.Epoch = before.ID, before.Epoch
	m.self = self
	if before.Draining != self.Draining || before.Starting != self.Starting || before.Left != self.Left ||
		before.Address != self.Address || before.MethodsSum != self.MethodsSum || !slices.Equal(before.Methods, self.Methods) {
		m.renewSoon()
	}
}

// Self returns what this node tells of itself.
func (m *Members) Self() Member {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.self
}

// List returns the others, sorted by id. Those whose work is taken over are none any
// more.
func (m *Members) List() []Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Peer, 0, len(m.peers))
	for _, p := range m.peers {
		list = append(list, p.Peer)
	}
	slices.SortFunc(list, func(a, b Peer) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// Peer returns another node.
func (m *Members) Peer(id string) (Peer, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.peers[id]
	if !ok {
		return Peer{}, false
	}
	return p.Peer, true
}

// Known tells whether a node is one of the cluster, alive or not: until its work is
// taken over, it is. It asks where it doesn't know.
func (m *Members) Known(ctx context.Context, id string) (bool, error) {
	if _, ok := m.Peer(id); ok {
		return true, nil
	}
	e, _, err := m.read(ctx, id)
	return e.ID != "" && err == nil, err
}

// Changed returns what is closed when List or Departed has changed: a node has come, gone, or
// tells something new.
func (m *Members) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// changedLocked tells those who wait for a change.
func (m *Members) changedLocked() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// OnGone has f called on one of the nodes that live when another one is dead or has
// left, so that it takes over that one's work. After an error it is called again,
// here or elsewhere; after nil the node is forgotten. Its context ends with this
// node.
func (m *Members) OnGone(f func(ctx context.Context, node string, epoch uint64) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone = append(m.gone, f)
}

// OnFenced has f called when others have taken this node for dead, and taken over
// what it had kept. Once f returns, it joins anew.
func (m *Members) OnFenced(f func(ctx context.Context)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fenced = append(m.fenced, f)
}
