package faulttest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

const clients = 16

// TestKill kills a server at random moments under load. Nothing that was accepted
// is lost; what runs twice was running when the process died; what was told is
// told again.
func TestKill(t *testing.T) {
	for name, flags := range map[string][]string{"default": nil, "sync always": {"--sync", "always"}} {
		t.Run(name, func(t *testing.T) {
			const rounds = 4
			n := newNode(t, t.TempDir(), flags...)
			l := newLoad(n)
			for range rounds {
				n.mustStart(t)
				l.look(t)
				ctx, cancel := context.WithCancel(t.Context())
				loaded := make(chan struct{})
				go func() {
					defer close(loaded)
					l.run(ctx, clients)
				}()
				<-time.After(time.Duration(50+rand.IntN(500)) * time.Millisecond)
				n.kill()
				cancel()
				<-loaded
			}
			n.mustStart(t)
			l.look(t)
			c := l.settle(t)
			t.Logf("%+v", c)
			if c.accepted < rounds || c.lost > 0 {
				t.Errorf("%+v", c)
			}
			end := n.runs(t)
			if code := n.stop(t); code != 0 {
				t.Errorf("exit code %d: %s", code, n.said())
			}
			n.mustStart(t)
			for id, runs := range n.runs(t) {
				if len(runs) != len(end[id]) {
					t.Errorf("%s ran again after a clean stop", id)
				}
			}
		})
	}
}
