package task_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// strange is an error that a nil pointer makes panic.
type strange struct{ text string }

func (s *strange) Error() string { return s.text }

func TestErrorOf(t *testing.T) {
	invalid := task.Errorf(task.InvalidArgument, "n is %d", 5)
	var none *task.Error
	tests := map[string]struct {
		err     error
		code    task.Code
		message string
	}{
		"an Error":             {invalid, task.InvalidArgument, "n is 5"},
		"a wrapped Error":      {fmt.Errorf("adding: %w", invalid), task.InvalidArgument, "adding: n is 5"},
		"the first of several": {errors.Join(io.EOF, invalid, task.Errorf(task.NotFound, "b")), task.InvalidArgument, "EOF\nn is 5\nb"},
		"an Error over others": {task.Errorf(task.Unavailable, "db: %w", context.Canceled), task.Unavailable, "db: context canceled"},
		"any other":            {io.EOF, task.Internal, "EOF"},
		"cancelled":            {context.Canceled, task.Cancelled, "context canceled"},
		"a deadline":           {fmt.Errorf("db: %w", context.DeadlineExceeded), task.DeadlineExceeded, "db: context deadline exceeded"},
		"no failure":           {task.Errorf(task.OK, "fine"), task.Internal, "fine"},
		"no code":              {fmt.Errorf("a: %w", task.Errorf(99, "b")), task.Internal, "a: b"},
		"another of gRPC's":    {task.Errorf(7, "no"), 7, "no"},
		"invalid UTF-8":        {task.Errorf(task.NotFound, "\xff"), task.NotFound, "\uFFFD"},
		"invalid UTF-8 in it":  {errors.New("a\xffb"), task.Internal, "a\uFFFDb"},
		"a nil *Error":         {none, task.Internal, "failed with a nil *task.Error"},
		"a wrapped nil":        {fmt.Errorf("a: %w", none), task.Internal, "a: failed with a nil *task.Error"},
		"another nil pointer":  {(*strange)(nil), task.Internal, "failed with a *task_test.strange that panics"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := task.ErrorOf(test.err)
			if got.Code != test.code || got.Message != test.message {
				t.Errorf("got %s: %q, want %s: %q", got.Code, got.Message, test.code, test.message)
			}
		})
	}
	if task.ErrorOf(nil) != nil {
		t.Error("nil became an error")
	}
	if task.ErrorOf(invalid) != invalid {
		t.Error("an Error was copied")
	}
	if !errors.Is(task.ErrorOf(fmt.Errorf("a: %w", io.EOF)), io.EOF) {
		t.Error("the cause is lost")
	}
}

func TestErrorfKeepsItsCauses(t *testing.T) {
	err := error(task.Errorf(task.NotFound, "%w, %w", io.EOF, context.Canceled))
	if !errors.Is(err, io.EOF) || !errors.Is(err, context.Canceled) || err.Error() != "EOF, context canceled" {
		t.Error(err)
	}
	if errors.Unwrap(task.Errorf(task.NotFound, "plain")) != nil {
		t.Error("a cause from nowhere")
	}
	if err := error(task.Errorf(task.NotFound, "a: %w", io.EOF)); !errors.Is(errors.Unwrap(err), io.EOF) {
		t.Error("the cause is lost")
	}
}

// A task that declares a *task.Error and returns it has failed, in Go's eyes,
// even when it is nil. That must be an answer, not a crash.
func TestNilErrorOfATask(t *testing.T) {
	_, err := run(t, func() (string, error) {
		var failure *task.Error
		return "a", failure
	})
	if got := task.ErrorOf(err); got == nil || got.Code != task.Internal {
		t.Errorf("got %v", got)
	}
	if errors.Is(err, io.EOF) {
		t.Error("it is everything")
	}
}

func TestCodeNames(t *testing.T) {
	for code, want := range map[task.Code]string{
		task.OK: "OK", task.Cancelled: "CANCELLED", task.InvalidArgument: "INVALID_ARGUMENT",
		task.DeadlineExceeded: "DEADLINE_EXCEEDED", task.NotFound: "NOT_FOUND",
		task.ResourceExhausted: "RESOURCE_EXHAUSTED", task.FailedPrecondition: "FAILED_PRECONDITION",
		task.Internal: "INTERNAL", task.Unavailable: "UNAVAILABLE", 77: "CODE(77)",
	} {
		if code.String() != want {
			t.Errorf("%d is %s, want %s", uint32(code), code, want)
		}
	}
}
