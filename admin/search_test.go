package admin

import (
	"fmt"
	"testing"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// fill gives a bench that many executions that wait, and as many that have ended as
// it keeps.
func (b *bench) fill(n int) {
	add := &task.Task{Name: "add"}
	for i := range n {
		x := scheduler.Execution{ID: fmt.Sprint("w", i), Task: add, State: scheduler.Pending, Submitted: epoch.Add(time.Duration(i))}
		b.scheduler.executions = append(b.scheduler.executions, x)
		x.ID, x.State, x.Submitted, x.Ended = fmt.Sprint("e", i), scheduler.Succeeded, x.Submitted.Add(-time.Hour), epoch
		b.config.History.Ended(x)
	}
}

// TestPagesCostWhatTheyShow: however many there are, a page copies what is on it.
func TestPagesCostWhatTheyShow(t *testing.T) {
	b := newBench()
	b.fill(20_000)
	q, err := newQuery(&pb.ListExecutionsRequest{States: []pb.ExecutionState{pb.ExecutionState_EXECUTION_STATE_SUCCEEDED}})
	if err != nil {
		t.Fatal(err)
	}
	// As many are kept as the history of a bench has room for.
	found, total := b.search(q)
	if len(found) != 100 || found[0].ID != "e19999" || total != 0 {
		t.Fatalf("%d of %d, the first is %v", len(found), total, found[0])
	}
	q.count = true
	if _, total = b.search(q); total != 100 {
		t.Errorf("counted %d", total)
	}
	// One for each on it and a few more.
	if allocations := testing.AllocsPerRun(3, func() { b.search(q) }); allocations > 150 {
		t.Errorf("a page allocates %.0f times", allocations)
	}
}

func BenchmarkSearch(b *testing.B) {
	bench := newBench()
	bench.fill(100_000)
	for name, request := range map[string]*pb.ListExecutionsRequest{
		"first":  {},
		"failed": {States: []pb.ExecutionState{pb.ExecutionState_EXECUTION_STATE_FAILED}},
	} {
		b.Run(name, func(b *testing.B) {
			q, err := newQuery(request)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				bench.search(q)
			}
		})
	}
}
