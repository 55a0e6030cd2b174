package faulttest

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// TestTrioReadsPastOneThatStandsStill: a node that a debugger stops is still connected,
// and the others would ask it for a part of what they read. They read it elsewhere, and
// run what it had accepted.
func TestTrioReadsPastOneThatStandsStill(t *testing.T) {
	c := newTrio(t)
	c.start(t)
	for i := range 40 {
		c[0].submitMark(t, fmt.Sprint("before ", i), 0)
	}
	for i := range 40 {
		if status := c[0].ask(t, fmt.Sprint("before ", i)); status != pb.TaskResponse_SUCCESS {
			t.Fatalf("before %d: %v", i, status)
		}
	}
	c[0].submitMark(t, "its own", time.Second)
	if err := c[0].process.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	// Some of the data may have been led there: once another one writes, it isn't any more.
	c[1].until(t, "its tasks are run by others", func(*pb.NodeInfo) bool {
		return c[1].try(t, "its own") == pb.TaskResponse_SUCCESS
	})
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if status := c[1+i%2].ask(t, fmt.Sprint("before ", i)); status != pb.TaskResponse_SUCCESS {
				t.Errorf("before %d, asked at node %d: %v", i, 1+i%2, status)
			}
		})
	}
	all.Wait()
}

// submitMark has a node accept a task.
func (n *node) submitMark(t *testing.T, id string, takes time.Duration) {
	t.Helper()
	request := &pb.TaskRequest{TaskId: id, Method: "mark", Detached: true, Args: arguments(takes.Milliseconds())}
	if err := n.conn.Invoke(t.Context(), service+"SubmitTask", request, new(pb.TaskResponse)); err != nil {
		t.Fatal(err)
	}
}

// ask returns where a task stands once it has ended.
func (n *node) ask(t *testing.T, id string) pb.TaskResponse_Status {
	t.Helper()
	response := new(pb.ResultResponse)
	err := n.conn.Invoke(t.Context(), service+"WaitResult", &pb.WaitResultRequest{TaskId: id}, response)
	if err != nil {
		t.Errorf("%s: %v", id, err)
	}
	return response.GetStatus()
}

// try returns where a task stands now, as far as that can be known.
func (n *node) try(t *testing.T, id string) pb.TaskResponse_Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	response := new(pb.ResultResponse)
	if err := n.conn.Invoke(ctx, service+"GetResult", &pb.ResultRequest{TaskId: id}, response); err != nil {
		t.Logf("%s: %v", id, err)
	}
	return response.GetStatus()
}
