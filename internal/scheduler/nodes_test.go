package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/queue/queuetest"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store"
)

// roundTrip is how long a node takes to ask what all share, or another one.
const roundTrip = time.Millisecond

// shared is what nodes share.
type shared struct {
	mu       sync.Mutex
	outcomes map[string]scheduler.Outcome
	claims   map[string]string // the node that holds an id
	known    map[string]bool   // the nodes that live, or whose tasks nobody has taken over
	nodes    map[string]*node
	ended    chan struct{} // closed when another outcome is there
}

// node is one of them, in the process of the test.
type node struct {
	*fixture

	name   string
	shared *shared
	queue  *queue.Queue
	log    *queuetest.Memory
	cut    bool // it reaches nothing; guarded by shared.mu
	fenced bool // others have taken over its log; likewise
	// refuseAfter is how long its log takes to refuse what is added; 0: it doesn't. Likewise.
	refuseAfter time.Duration
}

// cluster starts nodes in a bubble.
func cluster(t *testing.T, names []string, test func(t *testing.T, all []*node)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &shared{
			outcomes: map[string]scheduler.Outcome{}, claims: map[string]string{}, known: map[string]bool{},
			nodes: map[string]*node{}, ended: make(chan struct{}),
		}
		var all []*node
		for _, name := range names {
			all = append(all, s.start(t, name, scheduler.Config{}))
		}
		test(t, all)
		for _, n := range all {
			if n.isCut() {
				continue
			}
			n.wantIdle(t)
			n.queue.Close()
		}
	})
}

func (s *shared) start(t *testing.T, name string, config scheduler.Config) *node {
	t.Helper()
	n := &node{name: name, shared: s, log: new(queuetest.Memory)}
	n.log.Before = n.beforeLog
	n.queue = queue.New(n.log)
	config.Node, config.Store, config.Claims, config.Elsewhere, config.Others = name, n, n, n, n
	config.Queue, config.Encode = n.queue, encode
	config.Sure = func() bool { return !n.isCut() }
	n.fixture = newFixture(t, config)
	s.mu.Lock()
	s.known[name], s.nodes[name] = true, n
	s.mu.Unlock()
	if _, err := n.Restore(t.Context(), decode); err != nil {
		t.Fatal(err)
	}
	return n
}

var errCut = errors.New("nobody answers")

// ask is before each question to the others.
func (n *node) ask() error {
	if n.isCut() {
		return errCut
	}
	<-time.After(roundTrip)
	return nil
}

func (n *node) isCut() bool {
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	return n.cut
}

func (n *node) setCut(cut bool) {
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	n.cut = cut
}

func (n *node) setRefuseAfter(d time.Duration) {
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	n.refuseAfter = d
}

func (n *node) beforeLog(call string) error {
	n.shared.mu.Lock()
	refuseAfter := n.refuseAfter
	n.shared.mu.Unlock()
	if refuseAfter > 0 && call == "Append" {
		elapse(refuseAfter)
		return errCut
	}
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	switch {
	case call == "Read": // by whoever takes over
		return nil
	case n.cut:
		return errCut
	case n.fenced:
		return queue.ErrFenced
	}
	return nil
}

// Get implements [store.Store].
func (n *node) Get(_ context.Context, id string) (o scheduler.Outcome, ok bool, err error) {
	if err := n.ask(); err != nil {
		return o, false, err
	}
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	o, ok = n.shared.outcomes[id]
	return o, ok, nil
}

// Create implements [store.Store].
func (n *node) Create(_ context.Context, id string, o scheduler.Outcome) (scheduler.Outcome, error) {
	if err := n.ask(); err != nil {
		return scheduler.Outcome{}, err
	}
	s := n.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	if there, ok := s.outcomes[id]; ok {
		return there, nil
	}
	if holder := s.claims[id]; holder != "" && holder != n.name {
		return scheduler.Outcome{}, store.ErrNotMine
	}
	delete(s.claims, id)
	s.outcomes[id] = o
	close(s.ended)
	s.ended = make(chan struct{})
	return o, nil
}

// Claim implements [store.Claims].
func (n *node) Claim(ctx context.Context, id string) (store.Claim, error) { return n.Take(ctx, id, "") }

// Take implements [store.Claims].
func (n *node) Take(ctx context.Context, id, gone string) (store.Claim, error) {
	if err := n.ask(); err != nil {
		return store.Claim{}, err
	}
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	c := n.holderLocked(id)
	if !c.Ended && (c.Holder == "" || c.Holder == gone) {
		n.shared.claims[id] = n.name
		c = store.Claim{Mine: true}
	}
	return c, ctx.Err() // who left before the answer may have claimed it all the same
}

// Holder implements [store.Claims].
func (n *node) Holder(_ context.Context, id string) (store.Claim, error) {
	if err := n.ask(); err != nil {
		return store.Claim{}, err
	}
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	return n.holderLocked(id), nil
}

func (n *node) holderLocked(id string) store.Claim {
	if o, ok := n.shared.outcomes[id]; ok {
		return store.Claim{Outcome: o, Ended: true}
	}
	holder := n.shared.claims[id]
	switch {
	case holder == n.name:
		return store.Claim{Mine: true}
	case !n.shared.known[holder]:
		return store.Claim{}
	}
	return store.Claim{Holder: holder}
}

// Release implements [store.Claims].
func (n *node) Release(_ context.Context, id string) error {
	if err := n.ask(); err != nil {
		return err
	}
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	if n.shared.claims[id] == n.name {
		delete(n.shared.claims, id)
	}
	return nil
}

// Find implements [scheduler.Elsewhere].
func (n *node) Find(_ context.Context, id string) (scheduler.Sighting, bool, error) {
	if err := n.ask(); err != nil {
		return scheduler.Sighting{}, false, err
	}
	var missed error
	for _, other := range n.others() {
		if other.isCut() {
			missed = errCut
		} else if sighting, ok := other.Sight(id); ok {
			return sighting, true, nil
		}
	}
	return scheduler.Sighting{}, false, missed
}

func (n *node) others() (others []*node) {
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	for name, other := range n.shared.nodes {
		if name != n.name {
			others = append(others, other)
		}
	}
	return others
}

// Await implements [scheduler.Elsewhere].
func (n *node) Await(id string, done func(scheduler.Outcome)) (stop func()) {
	stopped := make(chan struct{})
	go func() {
		for {
			n.shared.mu.Lock()
			o, ok := n.shared.outcomes[id]
			ended, cut := n.shared.ended, n.cut
			n.shared.mu.Unlock()
			if ok && !cut {
				done(o)
				return
			}
			select {
			case <-ended:
			case <-time.After(2 * time.Second):
			case <-stopped:
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(stopped) })
}

// CanRun implements [scheduler.Others].
func (n *node) CanRun(method string) bool { return n.heir(method) != nil }

// Give implements [scheduler.Others].
func (n *node) Give(ctx context.Context, method string, records []queue.Record) error {
	if err := n.ask(); err != nil {
		return err
	}
	_, err := n.heir(method).TakeOver(ctx, n.name, records, decode)
	return err
}

func (n *node) heir(method string) *node {
	for _, other := range n.others() {
		if !other.isCut() && !other.Draining() && other.tasks.Lookup(method) != nil {
			return other
		}
	}
	return nil
}

// takeOver has n take over what is left of another node.
func (n *node) takeOver(t *testing.T, gone *node) (tasks int) {
	t.Helper()
	s := n.shared
	s.mu.Lock()
	gone.fenced = true
	s.mu.Unlock()
	records, err := queue.Records(gone.log)
	if err != nil {
		t.Fatal(err)
	}
	if tasks, err = n.TakeOver(t.Context(), gone.name, records, decode); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, gone.name)
	return tasks
}

// rejoin is what a node does that others have taken for dead.
func (n *node) rejoin() (given int) {
	given = n.GiveUp()
	n.queue.Restart()
	n.shared.mu.Lock()
	defer n.shared.mu.Unlock()
	n.cut, n.fenced, n.shared.known[n.name] = false, false, true
	return given
}

// keep submits r as one that outlives its node.
func (n *node) keep(t *testing.T, r scheduler.Request) {
	t.Helper()
	if r.DependencyTimeout == 0 {
		r.DependencyTimeout = 48 * time.Hour
	}
	n.Detach(t, r)
}

// Detach is detach for r that outlives its node.
func (n *node) Detach(t *testing.T, r scheduler.Request) (id string) {
	t.Helper()
	r.Detached = true
	r.Source = source{r}
	return n.detach(t, r)
}

// giveUpAll ends a node that stays cut off.
func (n *node) giveUpAll(t *testing.T) {
	t.Helper()
	n.GiveUp()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = n.Drain(ctx)
	n.queue.Close()
}

// await waits until a task has ended on any node.
func (n *node) await(t *testing.T, id string) (o scheduler.Outcome) {
	t.Helper()
	ended := make(chan struct{})
	stop := n.Await(id, func(outcome scheduler.Outcome) {
		o = outcome
		close(ended)
	})
	defer stop()
	select {
	case <-ended:
	case <-time.After(24 * time.Hour):
		t.Errorf("%s has not ended", id)
	}
	return o
}

// ranOn is how often a task ran on all nodes.
func ranOn(all []*node, name string) (n int) {
	for _, each := range all {
		n += each.ran(name)
	}
	return n
}

// idOf makes ids that are easy to tell.
func idOf(i int) string { return fmt.Sprintf("task-%03d", i) }
