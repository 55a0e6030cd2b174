package nats

import (
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestAClaimWhoseAnswerWasLost is given back like any other, and nobody else's is.
func TestAClaimWhoseAnswerWasLost(t *testing.T) {
	servers := natstest.Start(t, 1, natstest.Large)
	open := func(node string) *Engine {
		e, err := Open(t.Context(), Config{
			Node: node, Lease: 5 * time.Second, TTL: time.Minute, Capacity: 100, MaxMessage: 1 << 20,
			Outside: &Outside{URLs: servers.URLs()},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.Close)
		return e
	}
	a, b := open("a"), open("b")
	claim := func(e *Engine, id string) store.Claim {
		c, err := e.results.Claim(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := claim(a, "lost"); !c.Mine {
		t.Fatalf("%+v", c)
	}
	if c := claim(b, "other"); !c.Mine {
		t.Fatalf("%+v", c)
	}
	a.results.claims.forgetAll() // as if no answer had come
	for _, id := range []string{"lost", "other", "never claimed"} {
		if err := a.results.Release(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if c := claim(b, "lost"); !c.Mine {
		t.Errorf("what a has released is %+v", c)
	}
	if c := claim(a, "other"); c.Holder != "b" {
		t.Errorf("what b has is %+v", c)
	}
}
