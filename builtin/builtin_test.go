package builtin_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/task"
)

// call runs a registered task as the scheduler would and returns its result as
// text.
func call(ctx context.Context, method string, args ...task.Value) (string, *task.Error) {
	found := task.Default().Lookup(method)
	if found == nil {
		return "", task.Errorf(task.NotFound, "Method not found: %s", method)
	}
	v, err := found.Run(ctx, args)
	if err != nil {
		return "", task.ErrorOf(err)
	}
	text, err := v.Text()
	return text, task.ErrorOf(err)
}

func TestContract(t *testing.T) {
	for _, c := range contracttest.Cases(t) {
		if c.Method == "" {
			continue // no task is asked for: the scheduler refuses that
		}
		t.Run(c.Name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the waiting ones wait for nothing
				result, err := call(t.Context(), c.Method, c.Args...)
				check(t, c, result, err)
			})
		})
	}
}

func check(t *testing.T, want contracttest.Case, result string, err *task.Error) {
	t.Helper()
	switch {
	case want.Error == "" && err != nil:
		t.Fatalf("failed: %s: %s", err.Code, err.Message)
	case want.Error == "" && result != want.Result:
		t.Errorf("got  %q\nwant %q", result, want.Result)
	case want.Error == "":
	case err == nil:
		t.Errorf("got %q, want %s", result, want.Error)
	case err.Code.String() != want.Error || !strings.Contains(err.Message, want.Message):
		t.Errorf("got %s: %s, want %s: %s", err.Code, err.Message, want.Error, want.Message)
	}
}
