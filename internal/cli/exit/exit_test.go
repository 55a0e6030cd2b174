package exit_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestHowTheProgramEnds(t *testing.T) {
	refused := task.Errorf(task.InvalidArgument, "want int32,\nnot \x1b[2J")
	for _, test := range []struct {
		err  error
		code int
		text string
	}{
		{nil, 0, ""},
		{errors.New("anything"), exit.Failed, "anything"},
		{exit.Usagef("--limit: %w", errors.New("no")), exit.WrongUsage, "--limit: no"},
		{exit.OfCall(refused), exit.Failed, `INVALID_ARGUMENT: want int32, not \x1b[2J`},
		{exit.OfCall(task.Errorf(task.Unavailable, "%w", client.ErrUnreachable)), exit.Unreachable, "UNAVAILABLE: server unreachable"},
		{fmt.Errorf("wrapped: %w", &exit.Error{Code: exit.NotEnded, Err: errors.New("it runs")}), exit.NotEnded, "wrapped: it runs"},
	} {
		text := ""
		if test.err != nil {
			text = test.err.Error()
		}
		if code := exit.CodeOf(test.err); code != test.code || text != test.text {
			t.Errorf("got %d and %q, want %d and %q", code, text, test.code, test.text)
		}
	}
	if err := exit.OfCall(nil); err != nil {
		t.Errorf("no error became %v", err)
	}
	if got := exit.FailureOf(refused); got.Code != "INVALID_ARGUMENT" || got.Message != refused.Error() || exit.FailureOf(nil) != nil {
		t.Errorf("got %+v", got)
	}
}
