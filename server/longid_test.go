package server

import (
	"strings"
	"testing"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

// TestIDsThatNoTaskCanHave: whoever asks for one is told that there is none, and nobody
// else notices. On a disk, and among nodes, an id is part of what is sent to where the
// data is, which has room for those of tasks alone.
func TestIDsThatNoTaskCanHave(t *testing.T) {
	for name, cfg := range map[string]Config{"anywhere": {}, "on a disk": {DataDir: t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			s := listenTest(t, cfg)
			serve(t, s)
			client := newConnect(newTransport(t, 2, nil), baseURL(s.Addr(), false))
			for _, length := range []int{0, 1025, 4096, 100_000, 2_000_000} {
				askForNobody(t, client, strings.Repeat("x", length))
			}
			detached := &pb.TaskRequest{TaskId: "x", Method: "ping", Detached: true}
			if _, err := client.SubmitTask(t.Context(), detached); err != nil {
				t.Errorf("after them: %v", err)
			}
		})
	}
}

func askForNobody(t *testing.T, client taskschedulerpbconnect.TaskSchedulerClient, id string) {
	t.Helper()
	got, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: id})
	if err != nil || got.GetStatus() != pb.TaskResponse_NOT_FOUND {
		t.Errorf("GetResult, %d bytes: %v, %v", len(id), got, err)
	}
	if got, err = client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: id}); err != nil || got.GetStatus() != pb.TaskResponse_NOT_FOUND {
		t.Errorf("WaitResult, %d bytes: %v, %v", len(id), got, err)
	}
	cancelled, err := client.CancelTask(t.Context(), &pb.CancelRequest{TaskId: id})
	if err != nil || cancelled.GetStatus() != pb.TaskResponse_NOT_FOUND {
		t.Errorf("CancelTask, %d bytes: %v, %v", len(id), cancelled, err)
	}
	events, err := client.WatchTask(t.Context(), &pb.WatchTaskRequest{TaskId: id})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = events.Close() }()
	if events.Receive() || connect.CodeOf(events.Err()) != connect.CodeNotFound {
		t.Errorf("WatchTask, %d bytes: %v, %v", len(id), events.Msg(), events.Err())
	}
}
