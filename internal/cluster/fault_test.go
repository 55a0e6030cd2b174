package cluster_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// within calls f with a deadline and fails the test if it takes much longer.
func within(t *testing.T, deadline time.Duration, f func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	began := time.Now()
	err := f(ctx)
	if took := time.Since(began); took > deadline+patience {
		t.Errorf("a call with a deadline of %v took %v", deadline, took)
	}
	return err
}

// TestPeerSwallowsEverything: a node from which nothing comes any more costs no caller
// more than its deadline.
func TestPeerSwallowsEverything(t *testing.T) {
	g := newGate()
	c := start(t, 2, nil, g.on("b"))
	c[1].line.Swallow()
	defer c[1].line.Heal()
	for id, what := range map[string]func(context.Context) error{
		"submit": func(ctx context.Context) error {
			_, err := c[0].SubmitTask(ctx, &pb.TaskRequest{TaskId: "x", Method: "hold"})
			return err
		},
		"dependency": func(ctx context.Context) error {
			_, err := c[0].SubmitTask(ctx, &pb.TaskRequest{Method: "ping", Deps: []string{"never"}, DependencyTimeoutMs: 3_600_000})
			return err
		},
	} {
		if err := within(t, time.Second, what); err == nil {
			t.Errorf("%s: no error", id)
		}
	}
}

// TestNoStaleRecord: after a forwarded call that has failed its id is free, on every
// node.
func TestNoStaleRecord(t *testing.T) {
	g := newGate()
	c := start(t, 2, nil, g.on("b"))
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-g.began
		leave()
	}()
	if _, err := c[0].SubmitTask(ctx, &pb.TaskRequest{TaskId: "x", Method: "hold"}); connect.CodeOf(err) != connect.CodeCanceled {
		t.Errorf("got %v", err)
	}
	<-g.ended
	for _, n := range c {
		until(t, n.id+" knows nothing of it", func() bool {
			r, err := n.GetResult(t.Context(), &pb.ResultRequest{TaskId: "x"})
			return err == nil && r.GetStatus() == pb.TaskResponse_NOT_FOUND
		})
	}
	if answer, err := c[1].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x", Method: "ping"}); err != nil || answer.GetResult() != "pong" {
		t.Errorf("got %v, %v", answer, err)
	}
}

// TestNodeStops: what goes to a node that stops goes to another one instead, and none
// of the calls fails.
func TestNodeStops(t *testing.T) {
	g := newGate()
	close(g.open)
	c := start(t, 3, nil, g.on("bc"))
	var all sync.WaitGroup
	half := make(chan struct{})
	for caller := range 8 {
		all.Go(func() {
			for i := range 50 {
				if caller == 0 && i == 10 {
					close(half)
				}
				request := &pb.TaskRequest{TaskId: fmt.Sprint(caller, "-", i), Method: "hold"}
				if _, err := c[0].SubmitTask(t.Context(), request); err != nil {
					t.Errorf("%s: %v", request.GetTaskId(), err)
				}
			}
		})
	}
	<-half
	c[2].stop()
	all.Wait()
	if n := len(g.began); n != 400 {
		t.Errorf("%d runs of 400 tasks", n)
	}
}

// TestPeerCrashes: calls keep their deadlines while a node is gone, what it ran may be
// submitted again and runs elsewhere, and when it is back it is one of them again.
func TestPeerCrashes(t *testing.T) {
	g := newGate()
	c := start(t, 3, soonDead, g.on("bc"))
	answered := make(chan error, 1)
	go func() {
		_, err := c[0].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x", Method: "hold"})
		answered <- err
	}()
	first := <-g.began
	gone, other := c[1], c[2]
	if first == "c" {
		gone, other = c[2], c[1]
	}
	gone.line.Cut()
	if err := <-answered; connect.CodeOf(err) != connect.CodeUnavailable {
		t.Errorf("who had called got %v, want UNAVAILABLE", err)
	}
	close(g.open)
	// Until the lease is over nobody knows that it won't go on.
	until(t, "the same id runs elsewhere", func() bool {
		var answer *pb.TaskResponse
		err := within(t, 2*time.Second, func(ctx context.Context) (err error) {
			answer, err = c[0].SubmitTask(ctx, &pb.TaskRequest{TaskId: "x", Method: "hold"})
			return err
		})
		return err == nil && answer.GetNodeId() == other.id
	})
	until(t, "the others take it for dead", func() bool { return !c[0].sees(t, gone.id) })
	gone.line.Heal()
	until(t, "it is one of them again", func() bool { return c[0].sees(t, gone.id) })
	c.settle(t)
	for _, n := range c { // and it doesn't tell anything over what was recorded
		if r := n.result(t, "x"); r.GetStatus() != pb.TaskResponse_SUCCESS || r.GetNodeId() != other.id {
			t.Errorf("on %s: got %v", n.id, r)
		}
	}
}

// sees tells whether a node says of another one that it lives.
func (n *node) sees(t *testing.T, other string) bool {
	t.Helper()
	info, err := n.GetNodeInfo(t.Context(), &pb.NodeInfoRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range info.GetPeers() {
		if p.GetNodeId() == other {
			return p.GetAlive()
		}
	}
	return false
}
