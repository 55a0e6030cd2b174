package nats_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// needed are the subjects that the documentation says a node's user needs.
var needed = []string{"task_scheduler.>", "$JS.API.>", "_INBOX.>"}

// allow has servers let a user use these subjects alone.
func allow(subjects []string) func(*server.Options) {
	return func(o *server.Options) {
		large(o)
		these := &server.SubjectPermission{Allow: subjects}
		o.Users = []*server.User{{
			Username: "user", Password: "right", Permissions: &server.Permissions{Publish: these, Subscribe: these},
		}}
	}
}

// TestAUserWithTheRightsThatAreNeeded can do all; without one of them a node does not
// start, and says which.
func TestAUserWithTheRightsThatAreNeeded(t *testing.T) {
	user := &nats.Outside{URLs: []string{"nats://user:right@HOST"}}
	node := func(t *testing.T, subjects []string) nats.Config {
		t.Helper()
		at := strings.TrimPrefix(natstest.Start(t, 1, allow(subjects)).URLs()[0], "nats://")
		return as(user, at, slog.New(slog.DiscardHandler))
	}
	engine := open(t, node(t, needed))
	if got, err := engine.Claims().Claim(t.Context(), "x"); err != nil || !got.Mine {
		t.Errorf("claim: %+v, %v", got, err)
	}
	stored := make(chan string, 1)
	stop := engine.OnStored("x", func() { stored <- "x" })
	defer stop()
	o := store.Outcome{State: store.Succeeded, Result: "1"}
	if got, err := engine.Results().Create(t.Context(), "x", o); err != nil || got != o {
		t.Errorf("create: %+v, %v", got, err)
	}
	<-stored
	tasks := queue.New(engine.Log())
	if _, err := tasks.Load(); err != nil {
		t.Errorf("load: %v", err)
	}
	put(t, tasks, "y", nil)
	tasks.Close()
	for i, missing := range needed {
		others := append(append([]string{}, needed[:i]...), needed[i+1:]...)
		ctx, cancel := context.WithTimeout(t.Context(), backstop)
		_, err := nats.Open(ctx, node(t, others))
		cancel()
		if err == nil || !strings.Contains(err.Error(), "may not do what is needed") || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

// TestServersThatCannot keep what is needed are refused, in words that say what to do.
func TestServersThatCannot(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*server.Options)
		want   string
	}{
		{"no JetStream", func(o *server.Options) { o.JetStream = false }, "nats-server -js"},
		{"an account without it", func(o *server.Options) {
			o.Accounts = []*server.Account{server.NewAccount("bare")}
			o.NoAuthUser, o.Users = "user", []*server.User{{Username: "user", Password: "right", Account: o.Accounts[0]}}
		}, "account has no JetStream"},
		{"small messages", func(o *server.Options) { o.MaxPayload = 100_000 }, "set max_payload higher"},
		{"no room for a stream", func(o *server.Options) { o.JetStreamMaxStore = 1 }, "no room left"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), backstop)
			defer cancel()
			engine, err := nats.Open(ctx, outside(natstest.Start(t, 1, test.change), "p", "a"))
			if err == nil {
				engine.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %q", err, test.want)
			}
		})
	}
}
