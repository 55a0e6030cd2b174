package server

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestPanicsDoNotFillTheLog: each is logged, but not each with its stack.
func TestPanicsDoNotFillTheLog(t *testing.T) {
	panics, err := task.NewSync(func() string { panic("oh no") }, task.Name("panics"))
	if err != nil {
		t.Fatal(err)
	}
	tasks := new(task.Registry)
	if err := tasks.Add(panics); err != nil {
		t.Fatal(err)
	}
	var logs logtest.Buffer
	s := listenTest(t, Config{Tasks: tasks, Logger: logs.Logger(slog.LevelError)})
	serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	const calls = 3 * stacksLogged
	for range calls {
		if _, err := submit(t.Context(), conn, &pb.TaskRequest{Method: "panics"}); status.Code(err) != codes.Internal {
			t.Fatal(err)
		}
	}
	text := logs.String()
	if told, stacks := strings.Count(text, "task panicked"), strings.Count(text, "[running]"); told != calls || stacks != stacksLogged {
		t.Errorf("%d panics were logged, with %d stacks; want %d with %d", told, stacks, calls, stacksLogged)
	}
}

func TestStacksAreLoggedAgainLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs logtest.Buffer
		log := limitStacks(logs.Logger(slog.LevelInfo)).With("a", 1).WithGroup("b")
		for range 3 * stacksLogged {
			log.Error("panicked", "stack", "goroutine 1")
		}
		<-time.After(stacksPeriod)
		log.Error("panicked", "stack", "goroutine 1")
		log.Info("fine", "stack", "goroutine 1")
		if stacks := strings.Count(logs.String(), "goroutine "); stacks != stacksLogged+2 {
			t.Errorf("%d stacks were logged, want %d", stacks, stacksLogged+2)
		}
	})
}
