package scheduler_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestBlockingSubmissionAnswersWithTheResult(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		receipt, err := f.Submit(t.Context(), request("a", "join", "x", "y"))
		if err != nil || receipt.ID != "a" {
			t.Fatalf("Submit: %+v, %v", receipt, err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "x,y")
		f.wantGet(t, "a", scheduler.Succeeded, "x,y")
	})
}

func TestAnEmptyIDBecomesAUUIDv7(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		receipt, err := f.Submit(t.Context(), request("", "join", "x"))
		if err != nil {
			t.Fatal(err)
		}
		if id, err := uuid.Parse(receipt.ID); err != nil || id.Version() != 7 {
			t.Errorf("id %q is no UUIDv7: %v", receipt.ID, err)
		} else if made := time.Unix(id.Time().UnixTime()); id.Variant() != uuid.RFC4122 || !made.Equal(time.Now()) {
			t.Errorf("id %q: variant %v, made at %v; now is %v", receipt.ID, id.Variant(), made, time.Now())
		}
		f.wantGet(t, receipt.ID, scheduler.Succeeded, "x")
	})
}

func TestAKnownIDStartsNothing(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		for _, args := range []string{"first", "second"} {
			receipt, err := f.Submit(t.Context(), request("a", "join", args))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "first")
		}
		receipt, err := f.Submit(t.Context(), request("a", "no such method"))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "first")
		if n := f.ran("join"); n != 1 {
			t.Errorf("the task ran %d times", n)
		}
	})
}

func TestSameIDFromManyCallersRunsOnce(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		var callers sync.WaitGroup
		for range 64 {
			callers.Go(func() {
				receipt, err := f.Submit(t.Context(), request("a", "sleep", "1s"))
				if err != nil {
					t.Error(err)
				}
				wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "slept")
			})
		}
		callers.Wait()
		if n := f.ran("sleep"); n != 1 {
			t.Errorf("the task ran %d times", n)
		}
	})
}

func TestDetachedSubmissionAnswersAtOnce(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := f.Submit(ctx, detached(request("a", "sleep", "1s"))); err != nil {
			t.Fatal(err)
		}
		cancel() // a detached task goes on when its caller leaves
		synctest.Wait()
		f.wantGet(t, "a", scheduler.Running, "")
		receipt, err := f.Submit(t.Context(), detached(request("a", "sleep", "1s")))
		if err != nil || receipt.State != scheduler.Running {
			t.Errorf("detached again: %+v, %v; want the state as it is", receipt, err)
		}
		o, ok := f.wait(t, "a")
		if !ok {
			t.Fatal("Wait: unknown")
		}
		wantOutcome(t, o, scheduler.Succeeded, "slept")
	})
}

func TestRefusalsLeaveNoTrace(t *testing.T) {
	long := strings.Repeat("x", scheduler.MaxIDLength+1)
	for name, test := range map[string]struct {
		request scheduler.Request
		code    task.Code
		text    string
	}{
		"unknown method":        {request("a", "nope"), task.NotFound, "Method not found: nope"},
		"no method":             {request("a", ""), task.InvalidArgument, "the request names no method"},
		"unknown dependency":    {after(request("a", "join"), "ghost"), task.FailedPrecondition, `"ghost" is unknown`},
		"empty dependency":      {after(request("a", "join"), ""), task.InvalidArgument, "dependency 1 is empty"},
		"itself":                {after(request("a", "join"), "a"), task.InvalidArgument, "depends on itself"},
		"too many dependencies": {after(request("a", "join"), make([]string, 1001)...), task.InvalidArgument, "1001 dependencies; at most 1000"},
		"long id":               {request(long, "join"), task.InvalidArgument, "1025 bytes; at most 1024"},
		"long dependency":       {after(request("a", "join"), long), task.InvalidArgument, "1025 bytes; at most 1024"},
	} {
		for _, isDetached := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, detached %t", name, isDetached), func(t *testing.T) {
				bubble(t, scheduler.Config{MaxDependencies: 1000}, func(t *testing.T, f *fixture) {
					test.request.Detached = isDetached
					_, err := f.Submit(t.Context(), test.request)
					wantCode(t, err, test.code, test.text)
					f.wantUnknown(t, test.request.ID)
					f.wantUnknown(t, "ghost")
					receipt, err := f.Submit(t.Context(), request("a", "join", "free"))
					if err != nil {
						t.Fatal(err)
					}
					wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "free")
				})
			})
		}
	}
}

func TestFailuresAreRememberedWithCodeAndMessage(t *testing.T) {
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	bubble(t, scheduler.Config{Logger: logger}, func(t *testing.T, f *fixture) {
		receipt, err := f.Submit(t.Context(), request("a", "fail", "confidential"))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, "INVALID_ARGUMENT: confidential")
		f.wantGet(t, "a", scheduler.Failed, "INVALID_ARGUMENT: confidential")
		for _, want := range []string{"level=WARN", "id=a", "method=fail", "code=INVALID_ARGUMENT", "duration="} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %s: %s", want, log.String())
			}
		}
		if strings.Contains(log.String(), "confidential") || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("the log quotes an argument, or is not one line: %s", log.String())
		}
	})
}

func TestAPanicIsInternalWithTheStackInTheLogOnly(t *testing.T) {
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	bubble(t, scheduler.Config{Logger: logger}, func(t *testing.T, f *fixture) {
		for _, isDetached := range []bool{false, true} {
			r := request(fmt.Sprint(isDetached), "panic")
			r.Detached = isDetached
			if _, err := f.Submit(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			o, _ := f.get(t, r.ID)
			wantOutcome(t, o, scheduler.Failed, "INTERNAL: task panic panicked")
			if strings.Contains(o.Err.Message, "secret") {
				t.Errorf("the panic's value reached the client: %s", o.Err.Message)
			}
		}
		if !strings.Contains(log.String(), "secret of the stack") || !strings.Contains(log.String(), "scheduler_test.go") {
			t.Errorf("the log lacks the stack: %s", log.String())
		}
	})
}

func TestAFunctionThatEndsItsGoroutineFailsAndFreesItsSlot(t *testing.T) {
	bubble(t, scheduler.Config{MaxConcurrent: 1}, func(t *testing.T, f *fixture) {
		for _, id := range []string{"a", "b"} {
			f.detach(t, request(id, "goexit"))
		}
		synctest.Wait()
		f.wantGet(t, "b", scheduler.Failed, "INTERNAL: task goexit ended its goroutine")
	})
}

func TestALongErrorIsCutAndMadeUTF8(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		receipt, err := f.Submit(t.Context(), request("a", "fail", "\xff"+strings.Repeat("ä", 5000)))
		if err != nil {
			t.Fatal(err)
		}
		message := receipt.Err.Message
		if len(message) > 2060 || !strings.HasPrefix(message, "\uFFFDää") || !strings.HasSuffix(message, "ä…") {
			t.Errorf("%d bytes: %.20s…%s", len(message), message, message[len(message)-10:])
		}
	})
}

func TestResultsBeyondTheLimitFail(t *testing.T) {
	bubble(t, scheduler.Config{MaxResultBytes: 10}, func(t *testing.T, f *fixture) {
		receipt, err := f.Submit(t.Context(), request("a", "join", "0123456789x"))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, "RESOURCE_EXHAUSTED: task join: the result has 11 bytes; at most 10")
		f.detach(t, request("b", "join", "012345"))
		injected := after(request("c", "join"), "b", "b")
		injected.InjectResults = true
		receipt, err = f.Submit(t.Context(), injected)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, "RESOURCE_EXHAUSTED: the results of the dependencies have at least 12 bytes")
	})
}

func TestPendingTasksAreBounded(t *testing.T) {
	bubble(t, scheduler.Config{MaxPending: 3}, func(t *testing.T, f *fixture) {
		for i := range 3 {
			f.detach(t, request(fmt.Sprint(i), "sleep", "1s"))
		}
		_, err := f.Submit(t.Context(), request("a", "join"))
		wantCode(t, err, task.ResourceExhausted, "3 tasks have not ended, the most that the server takes")
		f.wantUnknown(t, "a")
		elapse(2 * time.Second)
		if _, err := f.Submit(t.Context(), request("a", "join")); err != nil {
			t.Errorf("with room again: %v", err)
		}
	})
}

func TestPendingBytesAreBounded(t *testing.T) {
	bubble(t, scheduler.Config{MaxPendingBytes: 100}, func(t *testing.T, f *fixture) {
		large := sized(request("a", "sleep", "1s"), 80)
		f.detach(t, large)
		large.ID = "b"
		_, err := f.Submit(t.Context(), large)
		wantCode(t, err, task.ResourceExhausted, "hold all bytes that they may")
		elapse(2 * time.Second)
		f.detach(t, large)
		elapse(2 * time.Second)
	})
}

func TestACancelledFunctionThatStillRunsKeepsItsRoom(t *testing.T) {
	bubble(t, scheduler.Config{MaxPending: 1}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "stubborn", "1m"))
		synctest.Wait()
		if c := f.cancel(t, "a"); !c.Done {
			t.Errorf("Cancel: %+v", c)
		}
		_, err := f.Submit(t.Context(), request("b", "join"))
		wantCode(t, err, task.ResourceExhausted, "the most that the server takes")
		elapse(2 * time.Minute)
		f.wantGet(t, "a", scheduler.Cancelled, "CANCELLED")
		if _, err := f.Submit(t.Context(), request("b", "join")); err != nil {
			t.Errorf("after the function has returned: %v", err)
		}
	})
}
