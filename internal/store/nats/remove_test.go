package nats_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// TestANodeIsReplaced by another one, which gets copies of what that had.
func TestANodeIsReplaced(t *testing.T) {
	all := trio(t)
	engines := openAll(t, all)
	a := engines[0]
	takes(a.Members(), "node 2", 0)
	for until := time.Now().Add(backstop); ; {
		err := a.Remove(t.Context(), "node 2")
		if errors.Is(err, nats.ErrAlive) {
			break
		}
		if err == nil || time.Now().After(until) { // else the servers are too busy to say
			t.Fatalf("one that is alive: %v", err)
		}
	}
	if err := a.Remove(t.Context(), "nobody"); err == nil {
		t.Error("nobody can be removed")
	}
	o := store.Outcome{State: store.Succeeded, Result: "1"}
	if _, err := a.Results().Create(t.Context(), "x", o); err != nil {
		t.Fatal(err)
	}
	engines[2].Close()
	await(t, a.Members(), "that node 2 is gone", func(all []members.Peer) bool {
		return len(ids(all)) == 1
	})
	fresh := trio(t)[0]
	fresh.Node, fresh.Cluster.Join = "node 3", all[0].Cluster.Join
	added := openAll(t, []nats.Config{fresh})[0]
	listed := func() []members.Departed { return added.Members().Departed() }
	await(t, a.Members(), "that node 2 is taken over", func([]members.Peer) bool { return len(a.Members().Departed()) == 1 })
	if d := a.Members().Departed()[0]; d.ID != "node 2" || d.Left || d.Gone.Before(d.Seen) || d.Seen.IsZero() {
		t.Errorf("%+v", d)
	}
	await(t, added.Members(), "what was before it came", func([]members.Peer) bool { return len(listed()) == 1 })
	removed(t, a, "node 2")
	await(t, added.Members(), "that node 2 is removed", func([]members.Peer) bool { return len(listed()) == 0 })
	copied(t, a, nats.ServerName("node 3"))
	if got, ok, err := added.Results().Get(t.Context(), "x"); err != nil || !ok || got != o {
		t.Errorf("the new one gets %+v, %t, %v", got, ok, err)
	}
}

// TestANodeThatComesBack is one of those that are gone only until then.
func TestANodeThatComesBack(t *testing.T) {
	all := trio(t)
	engines := openAll(t, all)
	a := engines[0]
	takes(a.Members(), "node 2", 0)
	takes(engines[1].Members(), "node 2", 0)
	await(t, a.Members(), "node 2", func(all []members.Peer) bool { return len(ids(all)) == 2 })
	if err := engines[2].Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	engines[2].Close()
	await(t, a.Members(), "that node 2 has stopped", func([]members.Peer) bool {
		gone := a.Members().Departed()
		return len(gone) == 1 && gone[0].Left && gone[0].ID == "node 2"
	})
	openAll(t, all[2:])
	await(t, a.Members(), "node 2", func(all []members.Peer) bool {
		return len(ids(all)) == 2 && len(a.Members().Departed()) == 0
	})
}

// TestANodeIsRemoved and nobody has its place yet. One that comes later gets it.
func TestANodeIsRemoved(t *testing.T) {
	all := trio(t)
	engines := openAll(t, all)
	a := engines[0]
	takes(a.Members(), "node 2", 0)
	takes(engines[1].Members(), "node 2", 0)
	o := store.Outcome{State: store.Succeeded, Result: "1"}
	if _, err := a.Results().Create(t.Context(), "x", o); err != nil {
		t.Fatal(err)
	}
	engines[2].Close()
	removed(t, a, "node 2")
	fresh := trio(t)[0]
	fresh.Node, fresh.Cluster.Join = "node 3", all[0].Cluster.Join
	added := openAll(t, []nats.Config{fresh})[0]
	copied(t, a, nats.ServerName("node 3"))
	engines[1].Close() // two of the three that are left are enough
	if got, ok, err := added.Results().Get(t.Context(), "x"); err != nil || !ok || got != o {
		t.Errorf("the new one gets %+v, %t, %v", got, ok, err)
	}
	if got, err := added.Claims().Claim(t.Context(), "y"); err != nil || !got.Mine {
		t.Errorf("the new one claims: %+v, %v", got, err)
	}
}

// removed removes a node once it is known to be gone.
func removed(t *testing.T, e *nats.Engine, node string) {
	t.Helper()
	for until := time.Now().Add(backstop); ; {
		err := e.Remove(t.Context(), node)
		if err == nil {
			return
		}
		if time.Now().After(until) {
			t.Fatal(err)
		}
	}
}

// copied waits until a server has all of each stream.
func copied(t *testing.T, e *nats.Engine, server string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), backstop)
	defer cancel()
	for {
		status, err := e.Status(ctx)
		current := 0
		for _, s := range status.Streams {
			for _, c := range s.Copies {
				if c.Server == server && c.Current && !c.Offline {
					current++
				}
			}
		}
		if err == nil && current == 3 && status.Leader != "" {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%+v, %v", status, err)
		}
	}
}
