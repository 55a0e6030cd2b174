package nats_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestALogThatIsTakenTooLate, when the node is one of the cluster again: what is being
// added is refused, and then the node goes on, with all that it has.
func TestALogThatIsTakenTooLate(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	a, b := node(t, cluster, "a"), node(t, cluster, "b")
	a.Members().OnFenced(func(context.Context) { t.Error("nobody has taken it for dead") })
	kept := queue.New(a.Log())
	if _, err := kept.Load(); err != nil {
		t.Fatal(err)
	}
	put(t, kept, "x", nil)
	for range 2 { // a second time as if the first had died half-way
		log, err := b.TakeLog(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if records, err := queue.Records(log); err != nil || len(records) == 0 || records[0].ID != "x" {
			t.Errorf("%+v, %v", records, err)
		}
		put(t, kept, "y", queue.ErrFenced)
		for err := errors.New("not yet"); err != nil; { // until it has found out
			err = keepTask(kept, "y")
		}
	}
	log, err := b.TakeLog(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if records, err := queue.Records(log); err != nil || len(records) != 2 {
		t.Errorf("%+v, %v", records, err)
	}
	if err := log.DropAll(); err != nil {
		t.Fatal(err)
	}
	if records, err := queue.Records(log); err != nil || len(records) != 0 {
		t.Errorf("after it was dropped: %+v, %v", records, err)
	}
	kept.Close()
}

// TestTakenForDeadWhileItJoins: a node that is slow to begin its log, as while the servers
// choose a leader, may be taken for dead before it has. It must not write to a log that
// others have read.
func TestTakenForDeadWhileItJoins(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	other := node(t, cluster, "other")
	taken := takes(other.Members(), "a", 0)
	js, err := jetstream.New(other.Conn())
	if err != nil {
		t.Fatal(err)
	}
	stream := &cell.Stream{Conn: other.Conn(), Name: "task_scheduler_nodes", Several: true}
	const subject = "task_scheduler.nodes."
	began, confirmed := 0, 0
	a, err := members.Join(t.Context(), members.Config{
		Stream: stream, JS: js, Subject: subject, Node: "a", Lease: shortLease, Logger: slog.New(slog.DiscardHandler),
		Joined: func(ctx context.Context) error {
			if began++; began > 1 {
				return nil
			}
			name := subject + base64.RawURLEncoding.EncodeToString([]byte("a"))
			there, err := stream.Last(ctx, name)
			if err != nil {
				return err
			}
			var entry map[string]any
			if err := json.Unmarshal(there.Data, &entry); err != nil {
				return err
			}
			entry["taker"] = "other"
			text, err := json.Marshal(entry)
			if err == nil {
				_, err = stream.Set(ctx, name, text, there.Number)
			}
			return err
		},
		Confirmed: func() { confirmed = began },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if began != 2 || confirmed != 2 {
		t.Errorf("it began %d times, and was sure of that after %d", began, confirmed)
	}
	if node := <-taken; node != "a" {
		t.Errorf("%s was taken over", node)
	}
	if !a.Sure() {
		t.Error("it isn't sure of what it has just made sure")
	}
}
