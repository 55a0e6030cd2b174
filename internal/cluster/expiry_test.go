package cluster_test

import (
	"testing"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/server"
)

// TestResultsExpireEverywhere: a result is gone on each node when its time is over, those
// included that have told it before, and its id runs anew.
func TestResultsExpireEverywhere(t *testing.T) {
	var counted counter
	c := start(t, 2, func(cfg *server.Config) { cfg.ResultTTL = 3 * time.Second }, counted.task)
	if _, err := c[1].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x", Method: "count"}); err != nil {
		t.Fatal(err)
	}
	for _, n := range c {
		until(t, n.id+" forgets it", func() bool {
			r, err := n.GetResult(t.Context(), &pb.ResultRequest{TaskId: "x"})
			if err != nil {
				t.Fatal(err)
			}
			if r.GetStatus() == pb.TaskResponse_SUCCESS && r.GetNodeId() != "b" {
				t.Errorf("%s: got %v", n.id, r)
			}
			return r.GetStatus() == pb.TaskResponse_NOT_FOUND
		})
	}
	before := counted.runs.Load()
	answer, err := c[0].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x", Method: "count"})
	if err != nil || answer.GetNodeId() != "a" || counted.runs.Load() != before+1 {
		t.Errorf("got %v, %v after %d runs", answer, err, counted.runs.Load())
	}
	if r := c[1].result(t, "x"); r.GetNodeId() != "a" {
		t.Errorf("got %v", r)
	}
}
