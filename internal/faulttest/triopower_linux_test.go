package faulttest

import (
	"path/filepath"
	"testing"
)

// TestTrioKillByPowerCut cuts the power of all three nodes at once under load. With
// sync always nothing that was accepted is lost, and what was told is told again.
func TestTrioKillByPowerCut(t *testing.T) {
	const rounds = 2
	c := newTrio(t, "--sync", "always")
	disks := make([]*disk, len(c))
	for i, n := range c {
		disks[i] = newDisk(t, 512)
		n.data = filepath.Join(disks[i].mount, "data")
	}
	l := newLoad(c...)
	for range rounds {
		c.start(t)
		l.look(t)
		l.under(t, func() {
			l.await(t, 200)
			l.hear(false)
			for _, d := range disks {
				d.cutPower(t)
			}
			for _, n := range c {
				n.kill()
			}
		})
		for _, d := range disks {
			d.remount(t)
		}
		l.hear(true)
	}
	c.start(t)
	l.look(t)
	c.settled(t, l)
}
