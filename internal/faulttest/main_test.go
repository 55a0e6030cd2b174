package faulttest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/cmd"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// The servers are this test's own binary, which becomes task-scheduler with two
// tasks more, as a user would run a copy of cmd/task-scheduler.
var (
	_ = task.Async(mark)
	_ = task.Async(flaky)
)

const (
	isServer  = "FAULTTEST_SERVER"
	marksFile = "FAULTTEST_MARKS"
)

func TestMain(m *testing.M) {
	server.BecomePlugin()
	if os.Getenv(isServer) != "" {
		cmd.Main()
		return
	}
	m.Run()
}

// mark notes in a file that it runs, and once more that it is about to return. It
// takes that many milliseconds.
func mark(ctx context.Context, milliseconds int64) (string, error) {
	call := task.CallOf(ctx)
	if err := note("run %s %d\n", call.ID, call.Attempt); err != nil {
		return "", err
	}
	select {
	case <-time.After(time.Duration(milliseconds) * time.Millisecond):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return call.ID, nil
}

// flaky is mark that fails at its first attempt.
func flaky(ctx context.Context, milliseconds int64) (string, error) {
	result, err := mark(ctx, milliseconds)
	if err == nil && task.CallOf(ctx).Attempt == 1 {
		err = task.Errorf(task.Unavailable, "not yet")
	}
	return result, err
}

// note appends to the file, in one write: what a process has written is there
// when it is killed.
func note(format string, args ...any) error {
	file, err := os.OpenFile(os.Getenv(marksFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintf(file, format, args...)
	return err
}
