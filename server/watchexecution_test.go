package server

import (
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

func TestOperatorsWatchAnExecution(t *testing.T) {
	b := newAdminBench(t)
	talkative(t, b.hold)
	request := &pb.TaskRequest{TaskId: "a", Method: "talk", Detached: true}
	request.Args = append(request.Args, pack(t, wrapperspb.String("hello")), pack(t, wrapperspb.Bytes(nil)))
	if _, err := b.tasks(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	<-b.hold.started

	stream, err := b.admin.WatchExecution(t.Context(), &adminpb.WatchExecutionRequest{Id: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	var lines []string
	next := func() *adminpb.Execution {
		t.Helper()
		if !stream.Receive() {
			t.Fatalf("the stream has ended: %v", stream.Err())
		}
		for _, line := range stream.Msg().GetNow().GetLines() {
			lines = append(lines, line.GetText())
		}
		return stream.Msg().GetNow().GetExecution()
	}
	if x := next(); x.GetState() != adminpb.ExecutionState_EXECUTION_STATE_RUNNING || x.GetProgress().GetNote() != "a quarter" {
		t.Errorf("while it runs: %v", x)
	}
	if _, err := b.admin.CancelExecution(t.Context(), &adminpb.CancelExecutionRequest{Id: "a"}); err != nil {
		t.Fatal(err)
	}
	for x := next(); x.GetState() != adminpb.ExecutionState_EXECUTION_STATE_CANCELLED; {
		x = next()
	}
	if stream.Receive() || stream.Err() != nil {
		t.Errorf("after the end: %v, %v", stream.Msg(), stream.Err())
	}
	if len(lines) != 1 || lines[0] != "looking customer=7" {
		t.Errorf("lines: %q", lines)
	}

	unknown, err := b.admin.WatchExecution(t.Context(), &adminpb.WatchExecutionRequest{Id: "nobody's"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unknown.Close() }()
	if unknown.Receive() || connect.CodeOf(unknown.Err()) != connect.CodeNotFound {
		t.Errorf("unknown id: %v, %v", unknown.Msg(), unknown.Err())
	}
}
