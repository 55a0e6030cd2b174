package admin

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func (b *bench) list(t *testing.T, request *pb.ListExecutionsRequest) (ids []string, next string) {
	t.Helper()
	response, err := b.ListExecutions(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range response.GetExecutions() {
		ids = append(ids, x.GetId())
	}
	return ids, response.GetNextPageToken()
}

// A task that is overdue is among those that have ended, or that memory has
// lost, and still there.
func TestOverdueTasksAreShown(t *testing.T) {
	b := newBench()
	spin := &task.Task{Name: "spin"}
	overdue := scheduler.Execution{ID: "a", Task: spin, State: scheduler.Failed, Submitted: epoch, Started: epoch, Ended: epoch.Add(1)}
	b.config.History.Ended(overdue)
	overdue.Overdue = true
	lost := overdue
	lost.ID = "b"
	b.scheduler.executions = []scheduler.Execution{overdue, lost}
	response, err := b.ListExecutions(t.Context(), &pb.ListExecutionsRequest{})
	if err != nil || len(response.GetExecutions()) != 2 {
		t.Fatalf("%v, %v", response, err)
	}
	for _, x := range response.GetExecutions() {
		if !x.GetOverdue() || x.GetState() != pb.ExecutionState_EXECUTION_STATE_FAILED {
			t.Errorf("shown: %v", x)
		}
	}
}

func TestFilters(t *testing.T) {
	b := newBench()
	add, multiply := &task.Task{Name: "add"}, &task.Task{Name: "math::multiply"}
	at := func(second int) time.Time { return epoch.Add(time.Duration(second) * time.Second) }
	b.scheduler.executions = []scheduler.Execution{
		{ID: "pending", Task: multiply, State: scheduler.Pending, Submitted: at(4)},
		{ID: "running", Task: add, State: scheduler.Running, Submitted: at(2), Started: at(3)},
		{ID: "both", Task: add, State: scheduler.Running, Submitted: at(1), Started: at(1)}, // it ended in between
	}
	b.config.History.Ended(scheduler.Execution{ID: "both", Task: add, State: scheduler.Succeeded, Submitted: at(1), Started: at(1), Ended: at(5)})
	b.config.History.Ended(scheduler.Execution{
		ID: "failed", Task: multiply, State: scheduler.Failed, Code: task.Internal, Message: "broken",
		Submitted: at(3), Started: at(3), Ended: at(6),
	})
	states := func(states ...pb.ExecutionState) []pb.ExecutionState { return states }
	for _, test := range []struct {
		request *pb.ListExecutionsRequest
		want    string
	}{
		{&pb.ListExecutionsRequest{}, "[pending failed running both]"},
		{&pb.ListExecutionsRequest{States: states(pb.ExecutionState_EXECUTION_STATE_RUNNING)}, "[running]"},
		{&pb.ListExecutionsRequest{States: states(pb.ExecutionState_EXECUTION_STATE_SUCCEEDED, pb.ExecutionState_EXECUTION_STATE_FAILED)}, "[failed both]"},
		{&pb.ListExecutionsRequest{Method: "add"}, "[running both]"},
		{&pb.ListExecutionsRequest{Plugin: "math"}, "[pending failed]"},
		{&pb.ListExecutionsRequest{Plugin: "mat"}, "[]"},
		{&pb.ListExecutionsRequest{IdPrefix: "r"}, "[running]"},
		{&pb.ListExecutionsRequest{IdPrefix: "running more"}, "[]"},
		{&pb.ListExecutionsRequest{Codes: []string{"INTERNAL", "NOT_FOUND"}}, "[failed]"},
		{&pb.ListExecutionsRequest{Codes: []string{"NOT_FOUND"}}, "[]"},
		{&pb.ListExecutionsRequest{Since: timestamppb.New(at(2)), Until: timestamppb.New(at(4))}, "[failed running]"},
	} {
		if got, next := b.list(t, test.request); fmt.Sprint(got) != test.want || next != "" {
			t.Errorf("%v: %v and more at %q, want %s", test.request, got, next, test.want)
		}
	}
	if _, err := b.ListExecutions(t.Context(), &pb.ListExecutionsRequest{Until: &timestamppb.Timestamp{Nanos: -1}}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("a time that is none: %v", err)
	}
}

func newTask(t *testing.T, name, source string) *task.Task {
	t.Helper()
	made, err := task.NewSync(func() int { return 1 }, task.Name("some"))
	if err != nil {
		t.Fatal(err)
	}
	made.Name, made.Source = name, source
	return made
}

// TestGetExecution tells what is known of one, the newest of its id.
func TestGetExecution(t *testing.T) {
	b := newBench()
	old, now, own := newTask(t, "math::add", "libmath.so"), newTask(t, "math::add", "libmath.so"), newTask(t, "add", "builtin/add.go:7")
	if err := b.config.Tasks.Add(now, own); err != nil {
		t.Fatal(err)
	}
	b.config.NodeID = "n1"
	old.PluginSHA256, now.PluginSHA256 = "0ld", "abc"
	for i, ended := range []scheduler.Execution{
		{ID: "again", Task: own, State: scheduler.Failed, Code: task.Internal, Message: "first"},
		{ID: "again", Task: own, State: scheduler.Failed, Code: task.Internal, Message: "second", Attempt: 2},
		{ID: "plugin", Task: now, State: scheduler.Succeeded},
		{ID: "replaced", Task: old, State: scheduler.Succeeded},
	} {
		ended.Submitted = epoch.Add(time.Duration(i) * time.Second)
		ended.Started, ended.Ended = ended.Submitted, ended.Submitted
		b.config.History.Ended(ended)
	}
	b.scheduler.executions = []scheduler.Execution{
		{ID: "live", Task: own, State: scheduler.Running, Submitted: epoch, Started: epoch},
		{ID: "again", Task: own, State: scheduler.Failed, Submitted: epoch.Add(time.Second), Overdue: true},
	}
	for _, test := range []struct{ id, want string }{
		{"again", "add second INTERNAL 2 true n1 builtin/add.go:7 - -"},
		{"live", "add - - 0 false n1 builtin/add.go:7 - -"},
		{"plugin", "math::add - - 0 false n1 libmath.so math abc"},
		{"replaced", "math::add - - 0 false n1 libmath.so math 0ld"},
	} {
		got, err := b.GetExecution(t.Context(), &pb.GetExecutionRequest{Id: test.id})
		if err != nil {
			t.Errorf("%s: %v", test.id, err)
			continue
		}
		x := got.GetExecution()
		dash := func(s string) string { return cmp.Or(s, "-") }
		told := fmt.Sprint(x.GetMethod(), " ", dash(x.GetMessage()), " ", dash(x.GetCode()), " ", x.GetAttempt(), " ", x.GetOverdue(), " ",
			got.GetNodeId(), " ", got.GetSource(), " ", dash(x.GetPlugin()), " ", dash(got.GetPluginSha256()))
		if x.GetId() != test.id || told != test.want {
			t.Errorf("%s: %s, want %s", test.id, told, test.want)
		}
	}
	for _, id := range []string{"", "aga", "nobody's"} {
		if _, err := b.GetExecution(t.Context(), &pb.GetExecutionRequest{Id: id}); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("%q: %v, want NOT_FOUND", id, err)
		}
	}
}

// Executions of the same moment have their order too.
func TestPagesOfOneMoment(t *testing.T) {
	b := newBench()
	for i := range 10 {
		b.config.History.Ended(scheduler.Execution{
			ID: fmt.Sprintf("%02d", (i*7)%10), Task: &task.Task{Name: "add"}, State: scheduler.Succeeded, Submitted: epoch, Ended: epoch,
		})
	}
	var all []string
	request := &pb.ListExecutionsRequest{PageSize: 3}
	for {
		ids, next := b.list(t, request)
		all = append(all, ids...)
		if next == "" {
			break
		}
		request.PageToken = next
	}
	if got := fmt.Sprint(all); got != "[09 08 07 06 05 04 03 02 01 00]" {
		t.Errorf("in pages: %s", got)
	}
	if ids, next := b.list(t, &pb.ListExecutionsRequest{PageSize: 10}); len(ids) != 10 || next != "" {
		t.Errorf("a page that holds just all: %v, and more at %q", ids, next)
	}
}

func FuzzPageTokens(f *testing.F) {
	f.Add("")
	f.Add("AAAAAAAAAAA")
	f.Add(position{epoch.UnixNano(), "id"}.token())
	f.Fuzz(func(t *testing.T, token string) {
		p, err := parsePosition(token)
		if err != nil || p == nil {
			return
		}
		if again, err := parsePosition(p.token()); err != nil || *again != *p {
			t.Errorf("%q is %v, whose token is %v, %v", token, p, again, err)
		}
	})
}

// BenchmarkListExecutions is the first page with everything there may be.
func BenchmarkListExecutions(b *testing.B) {
	bench := newBench()
	add := &task.Task{Name: "add"}
	for i := range 100_000 {
		bench.scheduler.executions = append(bench.scheduler.executions, scheduler.Execution{
			ID: fmt.Sprint(i), Task: add, Submitted: epoch.Add(time.Duration(i*7919%100_000) * time.Millisecond),
		})
	}
	for b.Loop() {
		if _, err := bench.ListExecutions(b.Context(), &pb.ListExecutionsRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}
