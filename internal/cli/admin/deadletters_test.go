package admin

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

func deadLetter(id string) *adminpb.DeadLetter {
	return &adminpb.DeadLetter{
		Arguments: 2, ArgumentBytes: 3 << 10,
		Execution: &adminpb.Execution{
			Id: id, Method: "math::wait", Plugin: "math", State: adminpb.ExecutionState_EXECUTION_STATE_FAILED, Detached: true,
			Code: "UNAVAILABLE", Message: "the bank\x1b[2J is closed", Attempt: 5, MaxAttempts: 5, RetryOf: "earlier",
			Labels:      map[string]string{"customer": "7"},
			SubmittedAt: at(5), StartedAt: at(8), EndedAt: at(9), Duration: durationpb.New(time.Second),
		},
	}
}

func (showcase) ListDeadLetters(_ context.Context, request *adminpb.ListDeadLettersRequest) (*adminpb.ListDeadLettersResponse, error) {
	if request.GetPageToken() != "" {
		return &adminpb.ListDeadLettersResponse{}, nil
	}
	return &adminpb.ListDeadLettersResponse{DeadLetters: []*adminpb.DeadLetter{deadLetter("a"), deadLetter("b c")}, NextPageToken: "more"}, nil
}

func (showcase) GetDeadLetter(_ context.Context, request *adminpb.GetDeadLetterRequest) (*adminpb.GetDeadLetterResponse, error) {
	response := &adminpb.GetDeadLetterResponse{
		DeadLetter: deadLetter(request.GetId()), Codes: []string{"UNAVAILABLE", "INTERNAL"}, Multiplier: 1.5,
		ExecutionTimeout: durationpb.New(time.Minute), InitialBackoff: durationpb.New(time.Second), MaxBackoff: durationpb.New(5 * time.Minute),
	}
	if !request.GetArguments() {
		return response, nil
	}
	arg, err := anypb.New(wrapperspb.Int64(5))
	response.Arguments = append(response.Arguments, arg)
	return response, err
}

// RetryDeadLetters takes one of two.
func (showcase) RetryDeadLetters(_ context.Context, request *adminpb.RetryDeadLettersRequest) (*adminpb.RetryDeadLettersResponse, error) {
	response := &adminpb.RetryDeadLettersResponse{Matched: 2}
	if !request.GetDryRun() {
		response.Retried, response.Reason = 1, "b: RESOURCE_EXHAUSTED: the server is full"
		response.DeadLetters = []*adminpb.RetriedDeadLetter{{Id: "a", NewId: "a2"}}
	}
	return response, nil
}

func (showcase) DropDeadLetters(_ context.Context, request *adminpb.DropDeadLettersRequest) (*adminpb.DropDeadLettersResponse, error) {
	response := new(adminpb.DropDeadLettersResponse)
	if request.GetFilter().GetMethod() == "" {
		response.Matched = uint32(len(request.GetFilter().GetIds()))
	}
	if !request.GetDryRun() {
		response.Dropped = response.GetMatched()
	}
	return response, nil
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	session := newSession(t)
	for name, command := range map[string]string{
		"list": "dead-letters --limit 2", "show": "dead-letters show a --arguments", "retry": "dead-letters retry --all",
		"drop": "dead-letters drop a b", "retry_dry": "dead-letters retry --method add --dry-run", "drop_dry": "dead-letters drop a --dry-run",
	} {
		for form, ending := range map[string]string{"": ".txt", "--json": ".json"} {
			var printed bytes.Buffer
			session.Out = &printed
			err := session.RunLine(t.Context(), strings.Fields(command+" "+form))
			if want := "1 dead letters could not be submitted again; b: RESOURCE_EXHAUSTED: the server is full"; name == "retry" {
				if err == nil || err.Error() != want {
					t.Errorf("%s %s: %v, want %s", command, form, err, want)
				}
			} else if err != nil {
				t.Errorf("%s %s: %v", command, form, err)
			}
			golden(t, "admin_dead_letters_"+name+ending, inUTC(printed.Bytes()))
		}
	}
	session.Out = io.Discard
	for _, command := range []string{"dead-letters drop --id b gone --method add", "dead-letters retry gone gone-too and-more --dry-run"} {
		if err := session.RunLine(t.Context(), strings.Fields(command)); err == nil || !strings.Contains(err.Error(), "no dead letters") {
			t.Errorf("%s: %v", command, err)
		}
	}
	completed := session.Choices("dead-letter")
	if len(completed) != 2 || completed[1] != "b c" {
		t.Errorf("completion offers %q", completed)
	}
}
