package nats_test

import (
	"encoding/base64"
	"strings"
	"testing"

	gonats "github.com/nats-io/nats.go"

	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestNodesOfOtherFormats: who can't work together with a node that is there, or can't read
// what one has left, says so by name and is none of them; all else works.
func TestNodesOfOtherFormats(t *testing.T) {
	for name, c := range map[string]struct {
		entry   string // beside the id
		refused bool
	}{
		"the first version":           {`"version":"v0"`, false},
		"a later one that reads this": {`"version":"v2","format":2,"oldest_format":1,"color":{"new":"field"}`, false},
		"a later one that does not":   {`"version":"v9","format":9,"oldest_format":8`, true},
		"what such a one has left":    {`"version":"v9","format":9,"oldest_format":8,"left":true`, true},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := natstest.Start(t, 1, large)
			b := node(t, cluster, "b")
			subject := "task_scheduler.nodes." + base64.RawURLEncoding.EncodeToString([]byte("other"))
			if _, err := b.Conn().Subscribe(subject+".alive", func(m *gonats.Msg) { _ = m.Respond([]byte("yes")) }); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Conn().Request(subject, []byte(`{"id":"other","nonce":"x",`+c.entry+`}`), backstop); err != nil {
				t.Fatal(err)
			}
			a, err := nats.Open(t.Context(), short(cluster, "a"))
			if err == nil {
				defer a.Close()
			}
			switch {
			case !c.refused && err != nil:
				t.Error(err)
			case c.refused && (err == nil || !strings.Contains(err.Error(), `node "other" of version v9`)):
				t.Errorf("got %v", err)
			case c.refused:
				for _, p := range b.Members().List() {
					if p.ID == "a" {
						t.Errorf("it is one of them: %+v", p)
					}
				}
			default:
				await(t, b.Members(), "a", func(all []members.Peer) bool { _, there := b.Members().Peer("a"); return there })
			}
		})
	}
}
