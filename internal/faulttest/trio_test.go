package faulttest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// A trio is three nodes that keep their data together by servers of their own.
type trio []*node

// lease is how long they wait for one of them. How long the servers take to choose a
// leader, ten seconds at most, can't be set.
const lease = "2s"

// newTrio returns three nodes, which aren't started. What runs there is marked in one
// file.
func newTrio(t *testing.T, flags ...string) trio {
	t.Helper()
	return newTrioAt(t, func(int) string { return natstest.FreeAddr(t) }, func(int) string { return natstest.FreeAddr(t) }, flags...)
}

// newTrioAt is newTrio where each one's addresses are given: that for clients, and that
// for the others.
func newTrioAt(t *testing.T, addr, routes func(i int) string, flags ...string) trio {
	t.Helper()
	all := slices.Concat([]string{"--lease", lease, "--drain-timeout", "5s"}, flags)
	addrs := make([]string, 3)
	for i := range addrs {
		addrs[i] = routes(i)
		all = append(all, "--cluster-join", addrs[i])
	}
	c := make(trio, len(addrs))
	for i := range c {
		c[i] = newNodeAt(t, addr(i), filepath.Join(t.TempDir(), "data"), slices.Concat(all, []string{"--cluster-listen", addrs[i]})...)
		c[i].marks = c[0].marks
	}
	t.Cleanup(func() {
		for i, n := range c {
			if t.Failed() {
				t.Logf("node %d says: %s", i, n.saidAll())
			}
		}
	})
	return c
}

// other returns the nodes but one.
func (c trio) other(gone *node) trio {
	return slices.DeleteFunc(slices.Clone(c), func(n *node) bool { return n == gone })
}

// newStranger returns a fourth node that would join.
func newStranger(t *testing.T, c trio, flags ...string) *node {
	t.Helper()
	all := []string{"--lease", lease, "--cluster-listen", natstest.FreeAddr(t)}
	for _, n := range c {
		all = append(all, "--cluster-join", n.flag("--cluster-listen"))
	}
	return newNode(t, filepath.Join(t.TempDir(), "data"), append(all, flags...)...)
}

// flag returns what a node was given by a flag.
func (n *node) flag(name string) string { return n.flags[slices.Index(n.flags, name)+1] }

// newSecret returns the name of a file with a secret.
func newSecret(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(rand.Text()+rand.Text()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// start starts all three, and returns when each serves and knows the others.
func (c trio) start(t *testing.T) {
	t.Helper()
	for _, n := range c {
		n.begin(t)
	}
	c.awaitServing(t)
}

func (c trio) awaitServing(t *testing.T) {
	t.Helper()
	for _, n := range c {
		if err := n.awaitServing(t); err != nil {
			t.Fatalf("it doesn't start: %v", err)
		}
	}
	c.settle(t)
}

// settle waits until each node that runs knows that the others do.
func (c trio) settle(t *testing.T) {
	t.Helper()
	for _, n := range c {
		n.until(t, "it knows the others", func(info *pb.NodeInfo) bool { return alive(info) == len(c)-1 })
	}
}

func alive(info *pb.NodeInfo) (n int) {
	for _, p := range info.GetPeers() {
		if p.GetAlive() {
			n++
		}
	}
	return n
}

// under runs f while clients submit.
func (l *load) under(t *testing.T, f func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var loaded sync.WaitGroup
	loaded.Go(func() { l.run(ctx, clients) })
	defer loaded.Wait()
	defer cancel()
	f()
}

// until waits until what the node says of itself is as wanted.
func (n *node) until(t *testing.T, what string, is func(*pb.NodeInfo) bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); ; <-again.C {
		info := new(pb.NodeInfo)
		err := n.conn.Invoke(t.Context(), service+"GetNodeInfo", &pb.NodeInfoRequest{}, info)
		if err == nil && is(info) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not come about that %s: %v, %v; it says: %s", what, info, err, n.said())
		}
	}
}

// settled waits until all that was accepted has succeeded, and stops the nodes.
func (c trio) settled(t *testing.T, l *load) {
	t.Helper()
	count := l.settle(t)
	t.Logf("%+v", count)
	if count.lost > 0 || count.accepted == 0 {
		t.Errorf("%+v", count)
	}
	for _, n := range c {
		if code := n.stop(t); code != 0 {
			t.Errorf("exit code %d: %s", code, n.said())
		}
	}
}
