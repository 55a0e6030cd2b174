package server

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestAPluginsAttempts: its TASK_RETRY, the end of its process and a call that
// hangs count as attempts, and each call is told which it is.
func TestAPluginsAttempts(t *testing.T) {
	built := plugintest.Compile(t, filepath.Join("testdata", "attempts.c"))
	dir := t.TempDir()
	content, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(built)), content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := listenTest(t, Config{LibraryDir: dir, PluginDirUnchecked: true, PluginCancelGrace: 50 * time.Millisecond})
	serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	for _, test := range []struct {
		task     string
		succeeds int64  // at this attempt
		attempts uint32 // at most
		code     codes.Code
	}{
		{"until", 3, 3, codes.OK},
		{"until", 4, 3, codes.Unavailable},
		{"crash", 3, 20, codes.OK}, // the process may not be back at once, which is an attempt, too
		{"hang", 2, 20, codes.OK},
	} {
		request := &pb.TaskRequest{
			Method: "attempts::" + test.task, Args: []*anypb.Any{pack(t, wrapperspb.Int64(test.succeeds))},
			Retry: &pb.RetryPolicy{MaxAttempts: test.attempts, InitialBackoff: durationpb.New(10 * time.Millisecond)},
		}
		if test.task == "hang" {
			request.ExecutionTimeoutMs = 3000
		}
		response, err := submit(t.Context(), conn, request)
		told := status.Convert(err)
		switch {
		case told.Code() != test.code:
			t.Errorf("%s(%d): %v, %v; want %v", test.task, test.succeeds, response, err, test.code)
		case err == nil && (int64(response.GetAttempt()) < test.succeeds || response.GetResult() != fmt.Sprint(response.GetAttempt())):
			t.Errorf("%s(%d): %v", test.task, test.succeeds, response)
		case err != nil:
			if detail, ok := told.Details()[0].(*pb.TaskResponse); !ok || detail.GetAttempt() != test.attempts {
				t.Errorf("%s(%d): %v", test.task, test.succeeds, told.Details())
			}
		}
	}
}

// TestAServerStopsWithoutWaitingForTomorrow.
func TestAServerStopsWithoutWaitingForTomorrow(t *testing.T) {
	s := listenTest(t, Config{DrainTimeout: time.Hour})
	stop := serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	tomorrow := addition(t)
	tomorrow.TaskId, tomorrow.Detached, tomorrow.StartAt = "tomorrow", true, inOneDay()
	if _, err := submit(t.Context(), conn, tomorrow); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	go func() {
		_, err := submit(t.Context(), conn, &pb.TaskRequest{TaskId: "tomorrow", Method: "add"})
		waiting <- err
	}()
	stop()
	if err := <-waiting; status.Code(err) != codes.Unavailable {
		t.Errorf("who waited for it was told %v", err)
	}
}

func inOneDay() *timestamppb.Timestamp { return timestamppb.New(time.Now().Add(24 * time.Hour)) }
