package faulttest

import "testing"

// TestTrioKill kills each of three nodes under load, one after the other, so that the
// leader is among them, whoever it is. Nothing that was accepted is lost, and what was
// told is told again, by each node alike.
func TestTrioKill(t *testing.T) {
	t.Parallel()
	c := newTrio(t)
	c.start(t)
	l := newLoad(c...)
	for _, gone := range c {
		l.under(t, func() {
			l.await(t, 100)
			gone.kill()
			l.await(t, 100) // the others go on
			gone.mustStart(t)
			l.await(t, 20)
		})
		c.settle(t)
		l.look(t)
	}
	c.settled(t, l)
}

// TestTrioRollsOver stops and starts each node under load.
func TestTrioRollsOver(t *testing.T) {
	t.Parallel()
	c := newTrio(t)
	c.start(t)
	l := newLoad(c...)
	l.under(t, func() {
		for _, n := range c {
			l.await(t, 100)
			if code := n.stop(t); code != 0 {
				t.Errorf("exit code %d: %s", code, n.said())
			}
			l.await(t, 20)
			n.mustStart(t)
			c.settle(t)
		}
		l.await(t, 100)
	})
	l.look(t)
	c.settled(t, l)
}
