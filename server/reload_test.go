package server

import (
	"testing"

	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/loader"
)

// TestReloadDropsNothing: plugins are started anew while a call that began
// before ends where it did.
func TestReloadDropsNothing(t *testing.T) {
	dir := t.TempDir()
	installPlugin(t, dir)
	b := newAdminBench(t, func(cfg *Config) { cfg.LibraryDir = dir })
	<-b.plugins.Ready()
	before := b.plugins.Plugins()
	if len(before) != 1 || before[0].State != loader.StateServing {
		t.Fatalf("the plugins are %+v", before)
	}
	conn := dialGRPC(t, b.Addr(), nil)
	delayed := &pb.TaskRequest{TaskId: "delayed", Method: "math::delayed_echo", Args: []*anypb.Any{
		pack(t, wrapperspb.String("still here")), pack(t, wrapperspb.Int32(500)),
	}}
	answered := make(chan error, 1)
	go func() {
		_, err := submit(t.Context(), conn, delayed)
		answered <- err
	}()
	for running := false; !running; {
		got, err := b.admin.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		running = len(got.GetExecutions()) > 0 && got.GetExecutions()[0].GetState() == adminpb.ExecutionState_EXECUTION_STATE_RUNNING
	}
	b.Reload(t.Context())
	if after := b.plugins.Plugins(); len(after) != 1 || after[0].PID == before[0].PID {
		t.Errorf("the plugins are %+v, and were %+v", after, before)
	}
	if err := <-answered; err != nil {
		t.Errorf("the call that ran meanwhile: %v", err)
	}
}
