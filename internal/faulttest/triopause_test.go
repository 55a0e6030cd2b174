//go:build partition

// These wait for leases and for servers that choose leaders, a minute each and more: .ci/run
// has them among the many faults.

package faulttest

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// TestTrioLosesItsMajority: two of three are killed. The third says so, and goes on
// when one of them is back.
func TestTrioLosesItsMajority(t *testing.T) {
	t.Parallel()
	c := newTrio(t)
	c.start(t)
	l := newLoad(c...)
	l.under(t, func() { l.await(t, 100) })
	gone := rand.IntN(len(c))
	left := c[(gone+2)%len(c)]
	c[gone].kill()
	c[(gone+1)%len(c)].kill()
	left.untilSaid(t, codes.Unavailable)
	err := left.conn.Invoke(t.Context(), service+"SubmitTask", &pb.TaskRequest{Method: "mark", Detached: true, Args: arguments(0)}, new(pb.TaskResponse))
	t.Log(err)
	if status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	c[gone].mustStart(t)
	left.untilSaid(t, codes.OK)
	l.under(t, func() { l.await(t, 100) })
	c[(gone+1)%len(c)].mustStart(t)
	c.settle(t)
	l.look(t)
	c.settled(t, l)
}

// TestTrioPauses stops a node as a debugger does for longer than its lease: others run
// what it has accepted, and when it goes on it says nothing over what they recorded, and
// begins nothing of that.
func TestTrioPauses(t *testing.T) {
	t.Parallel()
	c := newTrio(t)
	c.start(t)
	l := newLoad(c...)
	l.late = len(c) // a task may be about to begin, and sure to be its node's, when that is stopped
	for _, n := range c {
		l.under(t, func() {
			l.await(t, 100)
			n.signal(t, syscall.SIGSTOP)
			for _, other := range c.other(n) {
				other.until(t, "the others take it for dead", func(info *pb.NodeInfo) bool { return alive(info) == 1 })
			}
			l.await(t, 100)
			n.signal(t, syscall.SIGCONT)
			l.await(t, 20)
		})
		c.settle(t)
		l.look(t)
	}
	c.settled(t, l)
}

// signal sends the process a signal.
func (n *node) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := n.process.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
