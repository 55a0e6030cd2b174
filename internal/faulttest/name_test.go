package faulttest

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestTrioFailsASecondOfAName: a node keeps its name at another address, and no other
// one gets it.
func TestTrioFailsASecondOfAName(t *testing.T) {
	c := newTrio(t)
	c.start(t)
	first := c[0]
	name := first.name(t)
	if code := first.stop(t); code != 0 {
		t.Errorf("exit code %d: %s", code, first.said())
	}
	first.flags = append(first.flags, "--node-id", "other")
	if err := first.start(t); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "other") {
		t.Errorf("with another name: %v", err)
	}
	first.flags, first.addr = first.flags[:len(first.flags)-2], natstest.FreeAddr(t)
	first.dial(t)
	first.mustStart(t)
	if now := first.name(t); now != name {
		t.Errorf("%s is called %s after a restart", name, now)
	}
	c.settle(t)
	second := newStranger(t, c, "--node-id", name)
	if err := second.start(t); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("a second %s: %v", name, err)
	}
	c.settle(t)
	l := newLoad(c...)
	l.under(t, func() { l.await(t, 50) })
	c.settled(t, l)
}

func (n *node) name(t *testing.T) (name string) {
	t.Helper()
	n.until(t, "it says its name", func(info *pb.NodeInfo) bool {
		name = info.GetNodeId()
		return name != ""
	})
	return name
}

// TestTrioGrows: a node that was alone becomes the first of three with its tasks and
// results.
func TestTrioGrows(t *testing.T) {
	c := newTrio(t)
	alone := newNode(t, c[0].data, "--node-id", "first")
	c[0].flags = append(c[0].flags, alone.flags...)
	alone.marks = c[0].marks
	alone.mustStart(t)
	l := newLoad(alone)
	l.under(t, func() { l.await(t, 300) })
	later := &pb.TaskRequest{TaskId: "later", Method: "mark", Detached: true, Args: arguments(0), StartAt: timestamppb.New(time.Now().Add(time.Hour))}
	if err := alone.conn.Invoke(t.Context(), service+"SubmitTask", later, new(pb.TaskResponse)); err != nil {
		t.Fatal(err)
	}
	l.look(t)
	alone.kill()
	c.start(t)
	l.nodes = c
	l.look(t)
	cancelled := new(pb.CancelResponse)
	if err := c[1].conn.Invoke(t.Context(), service+"CancelTask", &pb.CancelRequest{TaskId: "later"}, cancelled); err != nil || !cancelled.GetCancelled() {
		t.Errorf("what waits for its time: %v, %v", cancelled, err)
	}
	if left, _ := filepath.Glob(filepath.Join(c[0].data, "*")); len(left) > 4 {
		t.Errorf("there is more left than the cluster's: %v", left)
	}
	l.under(t, func() { l.await(t, 50) })
	c.settled(t, l)
}
