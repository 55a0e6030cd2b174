package nats_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// shortLease is a second, so that a test need not wait for ten.
const shortLease = time.Second

// backstop is how long a busy machine may take for what takes seconds.
const backstop = 2 * time.Minute

// node opens a node that others take for dead soon.
func node(t *testing.T, cluster *natstest.Cluster, name string) *nats.Engine {
	t.Helper()
	return open(t, short(cluster, name))
}

func short(cluster *natstest.Cluster, name string) nats.Config {
	c := outside(cluster, "", name)
	c.Lease = shortLease
	return c
}

// await waits until a node sees what it should see of the others.
func await(t *testing.T, m *members.Members, what string, seen func([]members.Peer) bool) {
	t.Helper()
	timeout := time.After(backstop)
	for {
		changed := m.Changed()
		if seen(m.List()) {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%s never sees %s: %+v", m.Self().ID, what, m.List())
		}
	}
}

func ids(peers []members.Peer) (all []string) {
	for _, p := range peers {
		if p.Alive {
			all = append(all, p.ID)
		}
	}
	return all
}

func TestNodesSeeEachOther(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	a, b := node(t, cluster, "a.*"), node(t, cluster, "b >")
	a.Members().Announce(members.Member{Address: "host:1", Version: "1", Methods: []string{"add"}})
	await(t, b.Members(), "a's methods", func(all []members.Peer) bool {
		return len(all) == 1 && all[0].ID == "a.*" && all[0].Alive && all[0].Address == "host:1" && slices.Equal(all[0].Methods, []string{"add"})
	})
	await(t, a.Members(), "b", func(all []members.Peer) bool { return slices.Equal(ids(all), []string{"b >"}) })
	a.Members().Announce(members.Member{Draining: true})
	await(t, b.Members(), "that a drains", func(all []members.Peer) bool { return len(all) == 1 && all[0].Draining })
	if p, ok := b.Members().Peer("a.*"); !ok || p.Epoch == 0 || p.Epoch != a.Members().Self().Epoch {
		t.Errorf("b knows a as %+v; a is %+v", p, a.Members().Self())
	}
}

func TestTwoNodesOfOneName(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	node(t, cluster, "a")
	_, err := nats.Open(t.Context(), short(cluster, "a"))
	if err == nil || !strings.Contains(err.Error(), `"a"`) || !strings.Contains(err.Error(), "name") {
		t.Errorf("the second one: %v", err)
	}
}

// TestANodeThatStartsAgain has what it kept at once, and a later epoch.
func TestANodeThatStartsAgain(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	c := short(cluster, "other")
	c.Lease = time.Hour // the one that is gone for a moment is not dead
	other := open(t, c)
	other.Members().OnGone(func(context.Context, string, uint64) error {
		t.Error("another one takes it over")
		return nil
	})
	c.Node = "a"
	before, err := nats.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.Claims().Claim(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	epoch := before.Members().Self().Epoch
	before.Close()
	after, err := nats.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	if now := after.Members().Self().Epoch; now <= epoch {
		t.Errorf("epoch %d follows %d", now, epoch)
	}
	if got, err := after.Claims().Claim(t.Context(), "x"); err != nil || !got.Mine {
		t.Errorf("its claim of before: %+v, %v", got, err)
	}
}

// takes has a node take over another's tasks, and tells how often.
func takes(m *members.Members, from string, fail int) <-chan string {
	taken := make(chan string, 10)
	m.OnGone(func(_ context.Context, node string, _ uint64) error {
		if node != from { // a machine that is busy may let more be taken for dead
			return nil
		}
		taken <- node
		if fail--; fail >= 0 {
			return errors.New("not now")
		}
		return nil
	})
	return taken
}

// TestADeadNodeIsTakenOverByOne of the others, who is told again after an error.
func TestADeadNodeIsTakenOverByOne(t *testing.T) {
	for name, left := range map[string]bool{"died": false, "left": true} {
		t.Run(name, func(t *testing.T) {
			cluster := natstest.Start(t, 1, large)
			a, b := node(t, cluster, "a"), node(t, cluster, "b")
			takenByA, takenByB := takes(a.Members(), "c", 1), takes(b.Members(), "c", 1)
			c := short(cluster, "c")
			if left {
				c.Lease = time.Hour
			}
			gone, err := nats.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := gone.Claims().Claim(t.Context(), "x"); err != nil {
				t.Fatal(err)
			}
			both := func(all []members.Peer) bool { return len(ids(all)) == 2 }
			await(t, a.Members(), "b and c", both)
			await(t, b.Members(), "a and c", both)
			if left {
				if err := gone.Leave(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			gone.Close()
			one := func(all []members.Peer) bool {
				return !slices.ContainsFunc(all, func(p members.Peer) bool { return p.ID == "c" })
			}
			await(t, a.Members(), "that c is forgotten", one)
			await(t, b.Members(), "that c is forgotten", one)
			if n := len(takenByA) + len(takenByB); n < 2 || n > 3 {
				t.Errorf("it was taken over %d times, once or twice with an error", n)
			}
			if got, err := a.Claims().Claim(t.Context(), "x"); err != nil || !got.Mine {
				t.Errorf("what it had claimed: %+v, %v", got, err)
			}
		})
	}
}

// TestANodeThatWasCutOff can't write over what others have taken over, is told, and
// joins anew.
func TestANodeThatWasCutOff(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	proxy := natstest.NewProxy(t, strings.TrimPrefix(cluster.URLs()[0], "nats://"))
	c := short(cluster, "a")
	c.Outside.URLs = []string{proxy.URL()}
	a, b := open(t, c), node(t, cluster, "b")
	fenced := make(chan struct{}, 100)
	kept := queue.New(a.Log())
	if _, err := kept.Load(); err != nil {
		t.Fatal(err)
	}
	a.Members().OnFenced(func(context.Context) {
		kept.Restart()
		fenced <- struct{}{}
	})
	put(t, kept, "x", nil)
	if _, err := a.Claims().Claim(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	taken := make(chan []queue.Record, 1)
	b.Members().OnGone(func(ctx context.Context, gone string, _ uint64) error {
		log, err := b.TakeLog(ctx, gone)
		if err != nil {
			return err
		}
		records, err := queue.Records(log)
		if err != nil {
			return err
		}
		if got, err := b.Claims().Take(ctx, "x", gone); err != nil || !got.Mine {
			t.Errorf("b takes x: %+v, %v", got, err)
		}
		taken <- records
		return log.DropAll()
	})
	epoch := a.Members().Self().Epoch
	proxy.Cut()
	if records := <-taken; len(records) != 1 || records[0].ID != "x" {
		t.Errorf("taken over: %+v", records)
	}
	proxy.Heal()
	<-fenced
	if _, err := a.Results().Create(t.Context(), "x", store.Outcome{State: store.Succeeded, Result: "1"}); !errors.Is(err, store.ErrNotMine) {
		t.Errorf("a records x: %v", err)
	}
	await(t, b.Members(), "a again", func(all []members.Peer) bool { return len(all) == 1 && all[0].Alive && all[0].Epoch > epoch })
	for err := errors.New("not yet"); err != nil; { // until its log has begun anew
		err = keepTask(kept, "y")
	}
	kept.Close()
}

// put keeps a task; it fails with an error of that kind.
func put(t *testing.T, q *queue.Queue, id string, want error) {
	t.Helper()
	if err := keepTask(q, id); !errors.Is(err, want) {
		t.Errorf("keeping %s: %v; want %v", id, err, want)
	}
}

func keepTask(q *queue.Queue, id string) error {
	kept := make(chan error)
	q.Put([]queue.Record{{ID: id}}, func(_ []*queue.Entry, err error) { kept <- err })
	return <-kept
}

// TestANodeWhoseEntryIsGoneIsForgotten, though who looked at the entries was cut off when
// it went.
func TestANodeWhoseEntryIsGoneIsForgotten(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	a := node(t, cluster, "a")
	b, err := nats.Open(t.Context(), short(cluster, "b"))
	if err != nil {
		t.Fatal(err)
	}
	await(t, a.Members(), "b", func(all []members.Peer) bool { return len(ids(all)) == 1 })
	b.Close() // and nobody takes over
	js, err := jetstream.New(a.Conn())
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "task_scheduler_nodes")
	if err != nil {
		t.Fatal(err)
	}
	entry := "task_scheduler.nodes." + base64.RawURLEncoding.EncodeToString([]byte("b"))
	if err := stream.Purge(t.Context(), jetstream.WithPurgeSubject(entry)); err != nil { // of which nobody is told
		t.Fatal(err)
	}
	await(t, a.Members(), "that b is forgotten", func(all []members.Peer) bool { return len(all) == 0 })
}
