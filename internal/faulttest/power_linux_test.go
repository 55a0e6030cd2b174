package faulttest

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// TestKillByPowerCut cuts the power at random moments under load. With sync always
// nothing that was accepted is lost, and what was told is told again.
func TestKillByPowerCut(t *testing.T) {
	const rounds = 3
	d := newDisk(t, 512)
	n := newNode(t, filepath.Join(d.mount, "data"), "--sync", "always")
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
		<-time.After(time.Duration(200+rand.IntN(800)) * time.Millisecond)
		l.hear(false)
		d.cutPower(t)
		n.kill()
		cancel()
		<-loaded
		d.remount(t)
		l.hear(true)
	}
	n.mustStart(t)
	l.look(t)
	c := l.settle(t)
	t.Logf("%+v", c)
	if c.accepted < rounds || c.lost > 0 {
		t.Errorf("%+v", c)
	}
	n.stop(t)
}
