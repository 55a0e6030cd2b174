package nats_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
)

// TestACopyOnASpentDisk: a node whose disk is as good as full leaves the leading to
// others, through whom it goes on. That it has its copy again when there is room is for a
// process of its own: what the server does then, the race detector doesn't like.
func TestACopyOnASpentDisk(t *testing.T) {
	all := trio(t)
	var spent atomic.Bool
	all[1].Cluster.Spent = spent.Load
	all[1].Cluster.Room = func() bool { return !spent.Load() }
	engines := openAll(t, all)
	e := engines[1]
	lead(t, e)
	spent.Store(true)
	awaitCopy(t, engines[0], e, "it has none", func(c nats.Copy) bool { return c.Offline || !c.Current })
	for i, e := range engines {
		id := fmt.Sprint("while it is spent ", i)
		o := store.Outcome{State: store.Succeeded, Result: id}
		if got, err := e.Results().Create(t.Context(), id, o); err != nil || got != o {
			t.Errorf("node %d: %+v, %v", i, got, err)
		}
		if _, err := e.Log().Append([]byte("task")); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}
}

// lead has a node's server lead all that the nodes share.
func lead(t *testing.T, e *nats.Engine) {
	t.Helper()
	const stepDown = "$JS.API.STREAM.LEADER.STEPDOWN."
	awaitStatus(t, e, "it leads all", func(status nats.Status) bool {
		leads := true
		for _, s := range status.Streams {
			if s.Leader != status.Server {
				leads = false
				request := fmt.Sprintf(`{"placement":{"preferred":%q}}`, status.Server)
				_, _ = e.Conn().Request(stepDown+s.Name, []byte(request), time.Second) // what came of it is looked at again
			}
		}
		return leads
	})
}

// awaitCopy waits until all the copies that a node's server has are as wanted, by the word of another.
func awaitCopy(t *testing.T, by, of *nats.Engine, what string, is func(nats.Copy) bool) {
	t.Helper()
	server := of.Conn().ConnectedServerName()
	awaitStatus(t, by, what, func(status nats.Status) bool {
		for _, s := range status.Streams {
			if s.Leader == "" || slices.ContainsFunc(s.Copies, func(c nats.Copy) bool { return c.Server == server && !is(c) }) {
				return false
			}
		}
		return true
	})
}

// awaitStatus waits until the status that a node tells is as wanted.
func awaitStatus(t *testing.T, e *nats.Engine, what string, is func(nats.Status) bool) {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-again.C {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // who is asked while leaders change may not answer
		status, err := e.Status(ctx)
		cancel()
		if err == nil && is(status) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not come about that %s: %+v, %v", what, status, err)
		}
	}
}
