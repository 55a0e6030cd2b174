package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/taskscheduler/taskscheduler/client"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/server"
)

func keepArguments(cfg *server.Config) { cfg.KeepArguments = true }

// numbers are arguments.
func numbers(t *testing.T, values ...int32) (args []*anypb.Any) {
	t.Helper()
	for _, value := range values {
		arg, err := anypb.New(wrapperspb.Int32(value))
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, arg)
	}
	return args
}

// details returns what is known of a task once it has ended.
func (r *running) details(t *testing.T, id string) *adminpb.GetExecutionResponse {
	t.Helper()
	if _, err := r.tasks.Wait(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for {
		got, err := r.admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: id, Arguments: true, Result: true})
		if err != nil {
			t.Fatal(err)
		}
		if got.GetExecution().GetEndedAt() != nil { // those who wait are told a moment before
			return got
		}
	}
}

func TestATaskIsRunAndRunAgain(t *testing.T) {
	b := run(t, keepArguments)
	ran, err := b.admin.RunTask(t.Context(), &adminpb.RunTaskRequest{
		Method: "add", Arguments: numbers(t, 1, 2, 3), Id: "sum", Labels: map[string]string{"team": "a"},
	})
	if err != nil || ran.GetId() != "sum" {
		t.Fatalf("%v, %v", ran, err)
	}
	got := b.details(t, "sum")
	sum := new(wrapperspb.Int32Value)
	if err := got.GetResult().UnmarshalTo(sum); err != nil || sum.GetValue() != 6 || !got.GetArgumentValuesKept() || len(got.GetArgumentValues()) != 3 ||
		got.GetArguments() != "[1,2,3]" || got.GetExecution().GetLabels()["team"] != "a" || got.GetCaller() != "operator 127.0.0.1" ||
		got.GetExecution().GetNodeId() == "" || len(got.GetAttempts()) != 1 || got.GetAttempts()[0].GetState() != adminpb.ExecutionState_EXECUTION_STATE_SUCCEEDED {
		t.Errorf("%v, %v", got, err)
	}
	again, err := b.admin.RunTask(t.Context(), &adminpb.RunTaskRequest{Again: "sum"})
	if err != nil || again.GetId() == "" || again.GetId() == "sum" {
		t.Fatalf("%v, %v", again, err)
	}
	if got := b.details(t, again.GetId()); got.GetArguments() != "[1,2,3]" || got.GetExecution().GetMethod() != "add" {
		t.Errorf("again: %v", got)
	}
	list, err := b.admin.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{Caller: "operator 127.0.0.1"})
	if err != nil || len(list.GetExecutions()) != 2 {
		t.Errorf("of this caller: %v, %v", list, err)
	}
	if lines := b.audit.String(); strings.Count(lines, `action="run task"`) != 2 || !strings.Contains(lines, `action="show arguments and result" target=sum`) {
		t.Errorf("the audit log: %s", lines)
	}
}

func TestWrongRunsAreRefused(t *testing.T) {
	b := run(t)
	if _, err := b.admin.RunTask(t.Context(), &adminpb.RunTaskRequest{Method: "add", Arguments: numbers(t, 1), DryRun: true}); err != nil {
		t.Errorf("what would do: %v", err)
	}
	word, err := anypb.New(wrapperspb.String("one"))
	if err != nil {
		t.Fatal(err)
	}
	b.hold(t, "held")
	for _, test := range []struct {
		request *adminpb.RunTaskRequest
		want    connect.Code
		text    string
	}{
		{&adminpb.RunTaskRequest{Method: "subtract"}, connect.CodeNotFound, ""},
		{&adminpb.RunTaskRequest{Method: "subtract", DryRun: true}, connect.CodeNotFound, ""},
		{&adminpb.RunTaskRequest{Method: "add", DryRun: true, Arguments: []*anypb.Any{word}}, connect.CodeInvalidArgument, "argument 1 is a string"},
		{&adminpb.RunTaskRequest{Method: "add", DryRun: true, Arguments: []*anypb.Any{{TypeUrl: "x"}}}, connect.CodeInvalidArgument, "argument 1"},
		{&adminpb.RunTaskRequest{Again: "nobody's"}, connect.CodeNotFound, ""},
		{&adminpb.RunTaskRequest{Again: "held"}, connect.CodeFailedPrecondition, "Config.KeepArguments"},
		{&adminpb.RunTaskRequest{Again: "held", Arguments: numbers(t, 1)}, connect.CodeInvalidArgument, "one of them"},
		{&adminpb.RunTaskRequest{Method: "add", Labels: map[string]string{"": "x"}}, connect.CodeInvalidArgument, "a key is empty"},
		{&adminpb.RunTaskRequest{Method: "add", Id: strings.Repeat("x", 2000)}, connect.CodeInvalidArgument, "task_id"},
	} {
		if _, err := b.admin.RunTask(t.Context(), test.request); connect.CodeOf(err) != test.want || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%v: %v, want %v %s", test.request, err, test.want, test.text)
		}
	}
	if ran, err := b.admin.RunTask(t.Context(), &adminpb.RunTaskRequest{
		Method: "add", Arguments: []*anypb.Any{{TypeUrl: "type.googleapis.com/google.protobuf.StringValue", Value: make([]byte, 100<<10)}}, DryRun: true,
	}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("a large one isn't looked at: %v, %v", ran, err)
	}
}

// TestRelativesAreTold: from a task one gets to what it waited for and back.
func TestRelativesAreTold(t *testing.T) {
	b := run(t, keepArguments)
	b.hold(t, "root")
	for i := range 2 {
		if _, err := b.tasks.Submit(t.Context(), client.Task{ID: fmt.Sprint("leaf", i), Method: "add", Args: []any{1}, Deps: []string{"root"}}); err != nil {
			t.Fatal(err)
		}
	}
	look := func(id string) *adminpb.GetExecutionResponse {
		t.Helper()
		got, err := b.admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: id})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	check := func(state adminpb.ExecutionState) {
		t.Helper()
		root, leaf := look("root"), look("leaf1")
		if len(root.GetDependents()) != 2 || len(root.GetDependencies()) != 0 || root.GetDependents()[0].GetMethod() != "add" {
			t.Errorf("the root: %v", root)
		}
		if d := leaf.GetDependencies(); len(d) != 1 || d[0].GetId() != "root" || d[0].GetMethod() != "hold" || d[0].GetState() != state {
			t.Errorf("a leaf: %v", leaf)
		}
	}
	check(adminpb.ExecutionState_EXECUTION_STATE_RUNNING)
	b.release()
	for i := range 2 {
		if _, err := b.tasks.Wait(t.Context(), fmt.Sprint("leaf", i)); err != nil {
			t.Fatal(err)
		}
	}
	b.details(t, "leaf0")
	b.details(t, "leaf1")
	check(adminpb.ExecutionState_EXECUTION_STATE_SUCCEEDED)
}

func TestTheQueueIsListedAndCancelled(t *testing.T) {
	b := run(t)
	for i := range 25 {
		_, err := b.admin.RunTask(t.Context(), &adminpb.RunTaskRequest{
			Id: fmt.Sprintf("later %02d", i), Method: "add", Arguments: numbers(t, 1),
			StartAt: timestamppb.New(time.Now().Add(time.Hour + time.Duration((i*7)%25)*time.Minute)),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.hold(t, "held")
	request := &adminpb.ListQueueRequest{PageSize: 10}
	var due []*adminpb.Execution
	for page := 0; ; page++ {
		got, err := b.admin.ListQueue(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if page == 0 && (len(got.GetMethods()) != 2 || got.GetMethods()[0].GetPending() != 25 || got.GetMethods()[0].GetWaitingToStart() != 25 ||
			got.GetMethods()[0].GetOldestSubmittedAt() == nil || got.GetMethods()[1].GetRunning() != 1) || page > 0 && len(got.GetMethods()) > 0 {
			t.Errorf("page %d has the methods %v", page, got.GetMethods())
		}
		due = append(due, got.GetDue()...)
		if request.PageToken = got.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	if len(due) != 25 {
		t.Fatalf("%d are due", len(due))
	}
	for i := range due[1:] {
		if due[i+1].GetDueAt().AsTime().Before(due[i].GetDueAt().AsTime()) {
			t.Errorf("%v comes after %v", due[i+1], due[i])
		}
	}

	of := &adminpb.ListQueueRequest{Filter: &adminpb.ExecutionFilter{Method: "add", IdPrefix: "later 1"}}
	if got, err := b.admin.ListQueue(t.Context(), of); err != nil || len(got.GetDue()) != 10 || len(got.GetMethods()) != 1 {
		t.Errorf("by a filter: %v, %v", got, err)
	}
	cancel := func(request *adminpb.CancelExecutionsRequest) *adminpb.CancelExecutionsResponse {
		t.Helper()
		got, err := b.admin.CancelExecutions(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := &adminpb.ExecutionFilter{IdPrefix: "later 0"}
	if got := cancel(&adminpb.CancelExecutionsRequest{Filter: first, DryRun: true}); got.GetMatched() != 10 || got.GetCancelled() != 0 {
		t.Errorf("a dry run: %v", got)
	}
	if got := cancel(&adminpb.CancelExecutionsRequest{Filter: first}); got.GetMatched() != 10 || got.GetCancelled() != 10 {
		t.Errorf("some: %v", got)
	}
	if got := cancel(&adminpb.CancelExecutionsRequest{Filter: first}); got.GetMatched() != 0 {
		t.Errorf("those that are cancelled: %v", got)
	}
	for _, id := range []string{"later 10", "later 11"} {
		if got := cancel(&adminpb.CancelExecutionsRequest{All: true, Limit: 1}); got.GetMatched() != 1 || got.GetCancelled() != 1 {
			t.Errorf("the oldest: %v", got)
		}
		it := &adminpb.ExecutionFilter{Ids: []string{id}}
		if got := cancel(&adminpb.CancelExecutionsRequest{Filter: it, DryRun: true}); got.GetMatched() != 0 {
			t.Errorf("%s was not the oldest", id)
		}
	}
	if got := cancel(&adminpb.CancelExecutionsRequest{All: true}); got.GetCancelled() != 14 {
		t.Errorf("all: %v", got)
	}
	for _, wrong := range []*adminpb.CancelExecutionsRequest{{}, {Filter: first, All: true}, {Filter: &adminpb.ExecutionFilter{}}} {
		if _, err := b.admin.CancelExecutions(t.Context(), wrong); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if lines := b.audit.String(); !strings.Contains(lines, `action="cancel executions" target="id_prefix=later 0" result=ok matched=10 cancelled=10`) {
		t.Errorf("the audit log: %s", lines)
	}
}
