package cluster_test

import (
	"fmt"
	"testing"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/server"
)

// TestStreamOfChosenIDs: the nodes are asked about many ids of a stream at a time, and
// yet a request may depend on the one before it.
func TestStreamOfChosenIDs(t *testing.T) {
	c := startEmbedded(t, func(*server.Config) {})
	stream, err := c[0].SubmitTasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const chains, links = 100, 10
	go func() {
		for i := range chains {
			for j := range links {
				request := &pb.TaskRequest{TaskId: fmt.Sprint(i, "-", j), Method: "only_a"}
				if j > 0 {
					request.Deps = []string{fmt.Sprint(i, "-", j-1)}
				}
				if err := stream.Send(request); err != nil {
					t.Error(err)
				}
			}
		}
		if err := stream.CloseRequest(); err != nil {
			t.Error(err)
		}
	}()
	got := 0
	for answer := range answers(t, stream) {
		if got++; answer.GetStatus() != pb.TaskResponse_SUCCESS {
			t.Errorf("got %v", answer)
		}
	}
	if got != chains*links {
		t.Errorf("%d answers, want %d", got, chains*links)
	}
}
