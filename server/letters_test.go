package server

import (
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// TestDeadLettersOutliveTheProcess where accepted tasks do, and what is done to
// them stays done.
func TestDeadLettersOutliveTheProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	open := func() *letterBench {
		b := newLetterBench(t, func(cfg *Config) { cfg.DataDir, cfg.KeepArguments, cfg.NodeID = dir, true, "n1" })
		if _, err := b.tasks(t.Context(), addition(t)); err != nil { // operators are answered earlier
			t.Fatal(err)
		}
		return b
	}
	first := open()
	first.dies(t, "bank-1", "bank", "x", "y")
	first.dies(t, "post-1", "post")
	first.dies(t, "post-2", "post")
	dropped, err := first.admin.DropDeadLetters(t.Context(), &adminpb.DropDeadLettersRequest{Filter: &adminpb.DeadLetterFilter{Ids: []string{"post-1"}}})
	if err != nil || dropped.GetDropped() != 1 {
		t.Fatalf("%v, %v", dropped, err)
	}
	before, err := first.admin.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "bank-1", Arguments: true})
	if err != nil {
		t.Fatal(err)
	}
	first.stop()

	second := open()
	if got := second.letters(t, nil); got != "post-2 bank-1" {
		t.Errorf("after a start there are %q", got)
	}
	after, err := second.admin.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "bank-1", Arguments: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, letter := range []*adminpb.GetDeadLetterResponse{before, after} { // another clock measured it
		letter.GetDeadLetter().GetExecution().Duration = nil
	}
	if !proto.Equal(after, before) {
		t.Errorf("it was\n%v\nand is\n%v", before, after)
	}
	second.open.Store(true)
	retried, err := second.admin.RetryDeadLetters(t.Context(), &adminpb.RetryDeadLettersRequest{Filter: &adminpb.DeadLetterFilter{Method: "bank"}})
	if err != nil || retried.GetRetried() != 1 {
		t.Fatalf("%v, %v", retried, err)
	}
	id := retried.GetDeadLetters()[0].GetNewId()
	if result, err := second.client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: id}); err != nil || result.GetResult() != "x+y" {
		t.Errorf("%v, %v", result, err)
	}
	second.stop()

	third := open()
	if got := third.letters(t, nil); got != "post-2" {
		t.Errorf("in the end there are %q", got)
	}
	if result, err := third.client.GetResult(t.Context(), &pb.ResultRequest{TaskId: id}); err != nil || result.GetResult() != "x+y" {
		t.Errorf("%v, %v", result, err)
	}
}
