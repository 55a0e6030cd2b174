package faulttest

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestStopsWhileItWaits: a node that waits for the others, or for servers of NATS,
// stops when it is asked to.
func TestStopsWhileItWaits(t *testing.T) {
	for what, n := range map[string]*node{
		"the other nodes":  newTrio(t)[0],
		"a server of NATS": newNode(t, "", "--nats", "nats://"+natstest.FreeAddr(t)),
	} {
		n.begin(t)
		n.awaitLine(t, "WRN")
		if code := n.stop(t); code != 0 {
			t.Errorf("while it waits for %s: exit code %d: %s", what, code, n.said())
		}
	}
}
