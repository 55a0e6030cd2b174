package faulttest

import (
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// TestTrioFailsACaller: who waits for a task without having it kept is told UNAVAILABLE
// when its node dies, submits the same id again on another one, and gets the result.
// Whoever asks is told the same.
func TestTrioFailsACaller(t *testing.T) {
	c := newTrio(t)
	c.start(t)
	dies, next := c[0], c[1]
	name := dies.name(t)
	const callers = 20
	ids := make([]string, callers)
	told := make([]*pb.TaskResponse, callers)
	var all sync.WaitGroup
	for i := range callers {
		ids[i] = "called " + string(rune('a'+i))
		all.Go(func() {
			request := &pb.TaskRequest{TaskId: ids[i], Method: "mark", Args: arguments(time.Hour.Milliseconds())}
			err := dies.conn.Invoke(t.Context(), service+"SubmitTask", request, new(pb.TaskResponse))
			if status.Code(err) != codes.Unavailable {
				t.Errorf("%s: its node dies, and it is told %v", ids[i], err)
			}
			request.Args = arguments(1)
			told[i], err = next.submit(t, request)
			if err != nil {
				t.Errorf("%s, again: %v", ids[i], err)
			}
		})
	}
	dies.awaitRuns(t, callers)
	dies.kill()
	all.Wait()
	dies.mustStart(t)
	c.settle(t)
	for i, id := range ids {
		if told[i].GetStatus() != pb.TaskResponse_SUCCESS || told[i].GetNodeId() == name {
			t.Errorf("%s, again: %v", id, told[i])
		}
		for _, n := range c {
			got := newLoad(n).wait(t, id, patience)
			if got.GetStatus() != pb.TaskResponse_SUCCESS || got.GetResult() != id || got.GetNodeId() != told[i].GetNodeId() {
				t.Errorf("%s at %s: %v, told was %v", id, n.addr, got, told[i])
			}
		}
		if runs := len(c[0].runs(t)[id]); runs != 2 {
			t.Errorf("%s ran %d times, not once on each node", id, runs)
		}
	}
	for _, n := range c {
		n.stop(t)
	}
}

// submit submits a task, and does so again while it is told UNAVAILABLE.
func (n *node) submit(t *testing.T, request *pb.TaskRequest) (*pb.TaskResponse, error) {
	t.Helper()
	response := new(pb.TaskResponse)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for until := time.Now().Add(patience); ; <-again.C {
		err := n.conn.Invoke(t.Context(), service+"SubmitTask", request, response)
		if err == nil || status.Code(err) != codes.Unavailable || time.Now().After(until) {
			return response, err
		}
	}
}

// awaitRuns waits until so many tasks have begun to run.
func (n *node) awaitRuns(t *testing.T, many int) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for until := time.Now().Add(patience); len(n.runs(t)) < many; <-again.C {
		if time.Now().After(until) {
			t.Fatalf("only %d run: %s", len(n.runs(t)), n.said())
		}
	}
}
