package server

import (
	"testing"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

// TestAWatcherGoesOnAfterARestart: a task that is kept has no end when its server
// stops, and whoever has watched it sees what comes after in the next one, under
// higher numbers. Its labels are still there.
func TestAWatcherGoesOnAfterARestart(t *testing.T) {
	data := t.TempDir()
	keep := func(cfg *Config) { cfg.DataDir, cfg.DrainTimeout = data, 50*time.Millisecond }
	b := newAdminBench(t, keep)
	request := &pb.TaskRequest{TaskId: "a", Method: "hold", Detached: true, Labels: map[string]string{"team": "a"}}
	if _, err := b.tasks(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	<-b.hold.started
	watchers := b.watchTask(t, "a")
	b.stop()
	for name, stream := range watchers {
		if stream.Receive() || connect.CodeOf(stream.Err()) != connect.CodeUnavailable {
			t.Errorf("%s: got %v, %v; want UNAVAILABLE", name, stream.Msg(), stream.Err())
		}
	}

	b = newAdminBench(t, keep)
	<-b.hold.started
	b.wantFound(t, map[string]string{"team": "a"}, "a")
	client := taskschedulerpbconnect.NewTaskSchedulerClient(newTransport(t, 2, nil), baseURL(b.Addr(), false))
	const seen = 70 // it has logged much
	stream, err := client.WatchTask(t.Context(), &pb.WatchTaskRequest{TaskId: "a", After: seen})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	b.hold.release()
	if !stream.Receive() || stream.Msg().GetNumber() <= seen || stream.Msg().GetEnded().GetResult() != "held" {
		t.Errorf("got %v, %v", stream.Msg(), stream.Err())
	}
	x, err := b.admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: "a"})
	if err != nil || x.GetExecution().GetState() != adminpb.ExecutionState_EXECUTION_STATE_SUCCEEDED {
		t.Errorf("got %v, %v", x, err)
	}
}
