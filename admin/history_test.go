package admin_test

import (
	"fmt"
	"slices"
	"testing"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/server"
)

// TestOperatorsLookBackAsFarAsTheServerIsToldTo: of many that ended the newest are known,
// and beside them the newest that failed.
func TestOperatorsLookBackAsFarAsTheServerIsToldTo(t *testing.T) {
	b := run(t, func(cfg *server.Config) { cfg.HistoryCapacity, cfg.HistoryFailures = 5, 2 })
	for i := range 4 {
		if err := b.add(t, fmt.Sprintf("wrong-%d", i), "a word"); err == nil {
			t.Fatal("nonsense succeeded")
		}
	}
	for i := range 6 {
		if err := b.add(t, fmt.Sprintf("right-%d", i), 1, 2); err != nil {
			t.Fatal(err)
		}
	}
	list, err := b.admin.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, x := range list.GetExecutions() {
		ids = append(ids, x.GetId())
	}
	if want := []string{"right-5", "right-4", "right-3", "right-2", "right-1", "wrong-3", "wrong-2"}; !slices.Equal(ids, want) {
		t.Errorf("operators look back on %q, want %q", ids, want)
	}
	status, err := b.admin.GetStatus(t.Context(), &adminpb.GetStatusRequest{})
	if err != nil || status.GetLimits()["history-capacity"] != "5" || status.GetLimits()["history-failures"] != "2" {
		t.Errorf("the limits: %v, %v", status.GetLimits(), err)
	}
}

// TestAFilterMayNameVeryMuch: each value once or many times is the same.
func TestAFilterMayNameVeryMuch(t *testing.T) {
	b := run(t)
	if err := b.add(t, "wrong", "a word"); err == nil {
		t.Fatal("nonsense succeeded")
	}
	request := &adminpb.ListExecutionsRequest{
		States: slices.Repeat([]adminpb.ExecutionState{adminpb.ExecutionState_EXECUTION_STATE_SUCCEEDED, adminpb.ExecutionState_EXECUTION_STATE_FAILED}, 10_000),
		Codes:  append(slices.Repeat([]string{"ABORTED"}, 4000), "INVALID_ARGUMENT"),
	}
	if list, err := b.admin.ListExecutions(t.Context(), request); err != nil || len(list.GetExecutions()) != 1 {
		t.Errorf("found: %v, %v", list, err)
	}
	request.Codes = request.GetCodes()[:4000]
	if list, err := b.admin.ListExecutions(t.Context(), request); err != nil || len(list.GetExecutions()) != 0 {
		t.Errorf("found by other codes: %v, %v", list, err)
	}
}
