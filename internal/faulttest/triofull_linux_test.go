package faulttest

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc/codes"
)

// TestTrioFailsWhenADiskIsFull: one of three disks is filled to its last byte. That
// node says so and takes no more, the others go on, and when there is room it has its
// copy again by itself: without one of the others there are still two.
func TestTrioFailsWhenADiskIsFull(t *testing.T) {
	t.Parallel()
	const size = 256
	d := newDisk(t, size)
	c := newTrio(t)
	full := c[1]
	full.data = filepath.Join(d.mount, "data")
	full.env = append(full.env, "GORACE=suppressions="+restarts(t))
	c.start(t)
	l := newLoad(c...)
	l.under(t, func() { l.await(t, 50) })
	ballast := d.fill(t, 0)
	full.untilSaid(t, codes.ResourceExhausted)
	full.awaitLine(t, "goes on without one")
	others := newLoad(c.other(full)...)
	others.next = 1_000_000
	others.under(t, func() { others.await(t, 300) })
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	full.untilSaid(t, codes.OK)
	full.awaitLine(t, "this node's copy of the data is whole again")
	l.add(others)
	c[0].kill()
	l.under(t, func() { l.await(t, 100) })
	c[0].mustStart(t)
	c.settle(t)
	l.look(t)
	c.settled(t, l)
}

// restarts returns the name of a file that has the race detector pass over what the
// engine does when it keeps a copy again: it replaces the queues of its calls, without a
// lock, while calls come.
func restarts(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "races")
	if err := os.WriteFile(name, []byte("race:server.(*Server).setJetStreamExportSubs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
