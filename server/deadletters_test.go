package server

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// A letterBench is a server with the tasks "bank" and "post", which fail until
// they are open and then answer their argument.
type letterBench struct {
	*adminBench

	open   atomic.Bool
	client taskschedulerpbconnect.TaskSchedulerClient
}

func newLetterBench(t *testing.T, change ...func(*Config)) *letterBench {
	t.Helper()
	b := new(letterBench)
	b.adminBench = newAdminBench(t, append(change, func(cfg *Config) {
		for name, code := range map[string]task.Code{"bank": task.Unavailable, "post": task.Internal} {
			made, err := task.NewSync(func(words ...string) (string, error) {
				if !b.open.Load() {
					return "", task.Errorf(code, "%s is closed", name)
				}
				return strings.Join(words, "+"), nil
			}, task.Name(name))
			if err == nil {
				err = cfg.Tasks.Add(made)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})...)
	b.client = newConnect(newTransport(t, 2, nil), baseURL(b.Addr(), false))
	return b
}

// dies has a task use up its attempts.
func (b *letterBench) dies(t *testing.T, id, method string, words ...string) {
	t.Helper()
	request := &pb.TaskRequest{TaskId: id, Method: method, Labels: map[string]string{"to": method}, Retry: &pb.RetryPolicy{MaxAttempts: 2, InitialBackoff: durationpb.New(time.Millisecond)}}
	for _, word := range words {
		request.Args = append(request.Args, pack(t, wrapperspb.String(word)))
	}
	if _, err := b.tasks(t.Context(), request); err == nil {
		t.Fatalf("%s succeeded", id)
	}
}

// letters lists the ids of those that a filter chooses.
func (b *letterBench) letters(t *testing.T, filter *adminpb.DeadLetterFilter) string {
	t.Helper()
	response, err := b.admin.ListDeadLetters(t.Context(), &adminpb.ListDeadLettersRequest{Filter: filter})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, letter := range response.GetDeadLetters() {
		ids = append(ids, letter.GetExecution().GetId())
	}
	return strings.Join(ids, " ")
}

func TestDeadLettersAreListed(t *testing.T) {
	b := newLetterBench(t, func(cfg *Config) { cfg.KeepArguments = true })
	events := watchEvents(t, b.admin, adminpb.EventKind_EVENT_KIND_DEAD_LETTERED)
	start := timestamppb.Now()
	b.dies(t, "bank-1", "bank", "x", "y")
	if x := events.await(t, adminpb.EventKind_EVENT_KIND_DEAD_LETTERED).GetExecution(); x.GetId() != "bank-1" || x.GetAttempt() != 2 {
		t.Errorf("the event is of %v", x)
	}
	b.dies(t, "post-1", "post")
	if _, err := b.tasks(t.Context(), nonsense(t, "no-retry")); err == nil {
		t.Error("it succeeded")
	}
	refused := nonsense(t, "not-to-be-tried-again")
	refused.Retry = &pb.RetryPolicy{MaxAttempts: 3}
	if _, err := b.tasks(t.Context(), refused); err == nil {
		t.Error("it succeeded")
	}
	for want, filter := range map[string]*adminpb.DeadLetterFilter{
		"post-1 bank-1": nil,
		"post-1":        {Method: "post"},
		"bank-1":        {Codes: []string{"UNAVAILABLE", "NOT_FOUND"}, IdPrefix: "ba", Since: start},
		"":              {Plugin: "math"},
		"post-1 ":       {Labels: map[string]string{"to": "post"}},
	} {
		if got := b.letters(t, filter); got != strings.TrimSpace(want) {
			t.Errorf("%v: got %q, want %q", filter, got, want)
		}
	}
	if got := b.letters(t, &adminpb.DeadLetterFilter{Until: start}); got != "" {
		t.Errorf("before the start: %q", got)
	}
	letter, err := b.admin.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "bank-1", Arguments: true})
	if err != nil || len(letter.GetArguments()) != 2 || letter.GetDeadLetter().GetExecution().GetMessage() != "bank is closed" ||
		letter.GetInitialBackoff().AsDuration() != time.Millisecond || letter.GetMultiplier() != 2 {
		t.Fatalf("%v, %v", letter, err)
	}
	if second, err := letter.GetArguments()[1].UnmarshalNew(); err != nil || second.(*wrapperspb.StringValue).GetValue() != "y" {
		t.Errorf("%v, %v", second, err)
	}
	if line := `action="show arguments" target=bank-1 result=ok`; !strings.Contains(b.logs.String(), line) {
		t.Errorf("no audit line has %s:\n%s", line, b.logs)
	}
	if _, err := b.admin.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "no-retry"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Error(err)
	}
	status, err := b.admin.GetStatus(t.Context(), &adminpb.GetStatusRequest{})
	if err != nil || status.GetDeadLetters() != 2 || status.GetDeadLetterBytes() == 0 {
		t.Errorf("%v, %v", status, err)
	}
	if _, metrics := b.get(t, "/metrics"); !strings.Contains(metrics, "\ntaskscheduler_dead_letters 2\n") || !strings.Contains(metrics, "\ntaskscheduler_task_retries_total 2\n") {
		t.Error("the metrics don't tell of them")
	}
}

func TestDeadLettersAreRetried(t *testing.T) {
	b := newLetterBench(t)
	events := watchEvents(t, b.admin, adminpb.EventKind_EVENT_KIND_DEAD_LETTERS_RETRIED)
	for i := range 3 {
		b.dies(t, fmt.Sprintf("bank-%d", i), "bank", "paid", fmt.Sprint(i))
	}
	b.dies(t, "post", "post")
	banks := &adminpb.RetryDeadLettersRequest{Filter: &adminpb.DeadLetterFilter{Method: "bank"}, DryRun: true}
	dry, err := b.admin.RetryDeadLetters(t.Context(), banks)
	if err != nil || dry.GetMatched() != 3 || dry.GetRetried() != 0 || b.letters(t, nil) != "post bank-2 bank-1 bank-0" {
		t.Fatalf("%v, %v", dry, err)
	}
	b.open.Store(true)
	banks.DryRun, banks.Limit = false, 2
	retried, err := b.admin.RetryDeadLetters(t.Context(), banks)
	if err != nil || retried.GetMatched() != 2 || retried.GetRetried() != 2 || retried.GetReason() != "" || b.letters(t, nil) != "post bank-2" {
		t.Fatalf("%v, %v; left: %s", retried, err, b.letters(t, nil))
	}
	for i, again := range retried.GetDeadLetters() {
		result, err := b.client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: again.GetNewId()})
		if err != nil || again.GetId() != fmt.Sprintf("bank-%d", i) || result.GetResult() != fmt.Sprintf("paid+%d", i) {
			t.Errorf("%v, %v, %v", again, result, err)
		}
		x, err := b.admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: again.GetNewId()})
		if err != nil || x.GetExecution().GetRetryOf() != again.GetId() || x.GetExecution().GetMaxAttempts() != 2 {
			t.Errorf("%v, %v", x, err)
		}
		first, err := b.client.GetResult(t.Context(), &pb.ResultRequest{TaskId: again.GetId()})
		if err != nil || first.GetStatus() != pb.TaskResponse_FAILED {
			t.Errorf("the first end has changed: %v, %v", first, err)
		}
	}
	if e := events.await(t, adminpb.EventKind_EVENT_KIND_DEAD_LETTERS_RETRIED); e.GetMessage() != "2 dead letters were submitted again" {
		t.Errorf("%v", e)
	}
	if line := `action="retry dead letters" target="method=bank" result=ok matched=2 retried=2`; !strings.Contains(b.logs.String(), line) {
		t.Errorf("no audit line has %s:\n%s", line, b.logs)
	}
}

// TestDeadLettersThatFailAgain come back, as what they are: another task.
func TestDeadLettersThatFailAgain(t *testing.T) {
	b := newLetterBench(t)
	b.dies(t, "first", "bank", "x")
	events := watchEvents(t, b.admin, adminpb.EventKind_EVENT_KIND_DEAD_LETTERED)
	retried, err := b.admin.RetryDeadLetters(t.Context(), &adminpb.RetryDeadLettersRequest{All: true})
	if err != nil || retried.GetRetried() != 1 {
		t.Fatalf("%v, %v", retried, err)
	}
	second := retried.GetDeadLetters()[0].GetNewId()
	if x := events.await(t, adminpb.EventKind_EVENT_KIND_DEAD_LETTERED).GetExecution(); x.GetId() != second || x.GetRetryOf() != "first" {
		t.Errorf("%v", x)
	}
	if got := b.letters(t, nil); got != second {
		t.Errorf("got %s, want %s", got, second)
	}
}

// TestDeadLettersThatCannotBeRetried stay.
func TestDeadLettersThatCannotBeRetried(t *testing.T) {
	b := newLetterBench(t)
	for i := range 3 {
		b.dies(t, fmt.Sprintf("bank-%d", i), "bank")
	}
	if _, err := b.admin.Drain(t.Context(), &adminpb.DrainRequest{}); err != nil {
		t.Fatal(err)
	}
	retried, err := b.admin.RetryDeadLetters(t.Context(), &adminpb.RetryDeadLettersRequest{All: true})
	if err != nil || retried.GetRetried() != 0 || retried.GetMatched() != 3 || !strings.Contains(retried.GetReason(), "bank-0: UNAVAILABLE: the server is draining") {
		t.Errorf("%v, %v", retried, err)
	}
	if got := b.letters(t, nil); got != "bank-2 bank-1 bank-0" {
		t.Errorf("left: %s", got)
	}
	if line := `action="retry dead letters" target=all result="bank-0: UNAVAILABLE`; !strings.Contains(b.logs.String(), line) {
		t.Errorf("no audit line has %s:\n%s", line, b.logs)
	}
	hidden, err := b.admin.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "bank-0"})
	if err != nil || len(hidden.GetArguments()) != 0 {
		t.Errorf("%v, %v", hidden, err)
	}
	if _, err := b.admin.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "bank-0", Arguments: true}); connect.CodeOf(err) != connect.CodeFailedPrecondition {
		t.Errorf("arguments are shown: %v", err)
	}
	for _, wrong := range []*adminpb.RetryDeadLettersRequest{{}, {All: true, Filter: &adminpb.DeadLetterFilter{Method: "bank"}}} {
		if _, err := b.admin.RetryDeadLetters(t.Context(), wrong); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func TestDeadLettersAreDropped(t *testing.T) {
	b := newLetterBench(t, func(cfg *Config) { cfg.DeadLetterCapacity = 4 })
	for i := range 5 {
		b.dies(t, fmt.Sprintf("bank-%d", i), "bank")
	}
	if got := b.letters(t, nil); got != "bank-4 bank-3 bank-2 bank-1" {
		t.Errorf("beyond the capacity: %s", got)
	}
	unlabelled := &adminpb.DeadLetterFilter{Labels: map[string]string{"team": ""}} // none has it
	for _, test := range []struct {
		request *adminpb.DropDeadLettersRequest
		matched uint32
		left    string
		code    connect.Code
	}{
		{&adminpb.DropDeadLettersRequest{}, 0, "bank-4 bank-3 bank-2 bank-1", connect.CodeInvalidArgument},
		{&adminpb.DropDeadLettersRequest{All: true, DryRun: true}, 4, "bank-4 bank-3 bank-2 bank-1", 0},
		{&adminpb.DropDeadLettersRequest{Filter: &adminpb.DeadLetterFilter{Ids: []string{"bank-2", "gone"}}}, 1, "bank-4 bank-3 bank-1", 0},
		{&adminpb.DropDeadLettersRequest{All: true, Filter: unlabelled}, 0, "bank-4 bank-3 bank-1", connect.CodeInvalidArgument},
		{&adminpb.DropDeadLettersRequest{Filter: unlabelled}, 0, "bank-4 bank-3 bank-1", 0},
		{&adminpb.DropDeadLettersRequest{All: true}, 3, "", 0},
	} {
		dropped, err := b.admin.DropDeadLetters(t.Context(), test.request)
		if code := connect.CodeOf(err); err != nil && code != test.code || dropped.GetMatched() != test.matched || b.letters(t, nil) != test.left {
			t.Errorf("%v: %v, %v; left: %s", test.request, dropped, err, b.letters(t, nil))
		}
	}
	for _, line := range []string{
		`action="drop dead letters" target="id=bank-2,gone" result=ok matched=1 dropped=1`,
		`action="drop dead letters" target="label.team=" result=ok matched=0 dropped=0`,
	} {
		if !strings.Contains(b.logs.String(), line) {
			t.Errorf("no audit line has %s:\n%s", line, b.logs)
		}
	}
}

// TestPagesOfDeadLetters fit together.
func TestPagesOfDeadLetters(t *testing.T) {
	b := newLetterBench(t)
	for i := range 5 {
		b.dies(t, fmt.Sprintf("bank-%d", i), "bank")
	}
	var seen []string
	request := &adminpb.ListDeadLettersRequest{PageSize: 2}
	for {
		page, err := b.admin.ListDeadLetters(t.Context(), request)
		if err != nil || len(page.GetDeadLetters()) > 2 {
			t.Fatalf("%v, %v", page, err)
		}
		for _, letter := range page.GetDeadLetters() {
			seen = append(seen, letter.GetExecution().GetId())
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	if got := strings.Join(seen, " "); got != "bank-4 bank-3 bank-2 bank-1 bank-0" {
		t.Errorf("got %s", got)
	}
}
