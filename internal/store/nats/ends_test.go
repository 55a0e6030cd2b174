package nats_test

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestOnStored: what one node stores is told to the others that wait for it, whatever
// the id, and to nobody else.
func TestOnStored(t *testing.T) {
	servers := natstest.Start(t, 1, large)
	a, b := open(t, outside(servers, "p", "a")), open(t, outside(servers, "p", "b"))
	for _, id := range []string{"plain", "with dots. and ☃"} {
		told := make(chan string, 10)
		var stops []func()
		for _, waiting := range []struct {
			engine *nats.Engine
			id     string
		}{{b, id}, {b, id}, {a, id}, {b, id + "2"}} {
			stops = append(stops, waiting.engine.OnStored(waiting.id, func() { told <- waiting.id }))
		}
		flush(t, a, b)
		if _, err := a.Results().Create(t.Context(), id, store.Outcome{State: store.Succeeded}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := <-told; got != id {
				t.Errorf("who waits for %q was told", got)
			}
		}
		for _, stop := range stops {
			stop()
		}
		flush(t, a, b)
		if _, err := a.Results().Create(t.Context(), id+"2", store.Outcome{State: store.Succeeded}); err != nil {
			t.Fatal(err)
		}
		if len(told) > 0 {
			t.Errorf("who has stopped waiting for %q was told", <-told)
		}
	}
}

// flush waits until the servers know who waits for what.
func flush(t *testing.T, engines ...*nats.Engine) {
	t.Helper()
	for _, e := range engines {
		if err := e.Conn().Flush(); err != nil {
			t.Fatal(err)
		}
	}
}
