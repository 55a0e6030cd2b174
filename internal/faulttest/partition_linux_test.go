//go:build partition

// It takes a minute: .ci/run has it among the many faults.

package faulttest

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// A network is three hosts, each in a name space of its own, that reach each other by
// one net and are reached by clients through another.
type network struct{ prefix string }

func newNetwork(t *testing.T) *network {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can make networks")
	}
	n := &network{prefix: fmt.Sprint("ft", os.Getpid()%100_000)}
	if out, err := exec.CommandContext(t.Context(), "ip", "netns", "add", n.host(0)).CombinedOutput(); err != nil {
		t.Skipf("network name spaces can't be made here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		for i := range 3 {
			_ = exec.Command("ip", "netns", "del", n.host(i)).Run() // its ends of links go with it
		}
		for _, net := range []string{"c", "r"} {
			_ = exec.Command("ip", "link", "del", n.prefix+net).Run()
		}
	})
	for i := range 3 {
		if i > 0 {
			command(t, "ip", "netns", "add", n.host(i))
		}
	}
	for net, name := range []string{"c", "r"} {
		bridge := n.prefix + name
		command(t, "ip", "link", "add", bridge, "type", "bridge")
		command(t, "ip", "link", "set", bridge, "up")
		for i := range 3 {
			near := n.link(name, i)
			command(t, "ip", "link", "add", near, "type", "veth", "peer", "name", name, "netns", n.host(i))
			command(t, "ip", "link", "set", near, "master", bridge, "up")
			command(t, "ip", "-n", n.host(i), "addr", "add", n.addr(net, i)+"/24", "dev", name)
			command(t, "ip", "-n", n.host(i), "link", "set", name, "up")
		}
	}
	command(t, "ip", "addr", "add", n.addr(0, 200)+"/24", "dev", n.prefix+"c")
	for i := range 3 {
		command(t, "ip", "-n", n.host(i), "link", "set", "lo", "up")
	}
	return n
}

func (n *network) host(i int) string { return fmt.Sprint(n.prefix, "h", i) }

func (n *network) link(net string, i int) string { return fmt.Sprint(n.prefix, net, i) }

// addr returns a host's address in a net: 0 is that of clients.
func (n *network) addr(net, i int) string { return fmt.Sprintf("10.231.%d.%d", 17+net, 1+i) }

// cut takes a host out of the net by which they reach each other.
func (n *network) cut(t *testing.T, i int) {
	t.Helper()
	command(t, "ip", "link", "set", n.link("r", i), "nomaster")
}

func (n *network) heal(t *testing.T, i int) {
	t.Helper()
	command(t, "ip", "link", "set", n.link("r", i), "master", n.prefix+"r")
}

// TestTrioFailsToReachOne: each node in turn is cut off from the two others, and clients
// still reach all. What was accepted is run by those that are together, and the one that
// was cut off is one of them again when the net is healed.
func TestTrioFailsToReachOne(t *testing.T) {
	t.Parallel()
	net := newNetwork(t)
	c := newTrioAt(t, func(i int) string { return net.addr(0, i) + ":50051" }, func(i int) string { return net.addr(1, i) + ":6222" },
		"--cluster-secret", newSecret(t))
	for i, n := range c {
		n.via = []string{"ip", "netns", "exec", net.host(i)}
	}
	c.start(t)
	l := newLoad(c...)
	for i, alone := range c {
		l.under(t, func() {
			l.await(t, 100)
			net.cut(t, i)
			for _, n := range c.other(alone) {
				n.until(t, "they take it for dead", func(info *pb.NodeInfo) bool { return alive(info) == 1 })
			}
			together := newLoad(c.other(alone)...)
			together.next = 1_000_000 * (i + 1)
			together.under(t, func() { together.await(t, 50) })
			net.heal(t, i)
			l.await(t, 20)
			l.add(together)
		})
		c.settle(t)
		l.look(t)
	}
	c.settled(t, l)
}
