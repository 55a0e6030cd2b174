package service

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// newThirdService has a task "third", which succeeds at each third call alone,
// and answers with the attempt that it was told. "never" never does.
func newThirdService(t *testing.T) *service {
	t.Helper()
	registry := new(task.Registry)
	var calls atomic.Int32
	third, err := task.NewAsync(func(ctx context.Context) (int, error) {
		if calls.Add(1)%3 != 0 {
			return 0, task.Errorf(task.Unavailable, "not yet")
		}
		return task.CallOf(ctx).Attempt, nil
	}, task.Name("third"))
	if err != nil {
		t.Fatal(err)
	}
	never, err := task.NewSync(func() error { return task.Errorf(task.Unavailable, "never") }, task.Name("never"))
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.Add(third, never); err != nil {
		t.Fatal(err)
	}
	return newTestServiceOf(t, registry)
}

func quick(method string, attempts uint32) *pb.TaskRequest {
	return &pb.TaskRequest{Method: method, Retry: &pb.RetryPolicy{
		MaxAttempts: attempts, InitialBackoff: durationpb.New(time.Millisecond), Multiplier: 1.5, Codes: []uint32{14},
	}}
}

// clients are the ways to submit one task: read by this package, and by
// Connect for gRPC, in its own protocol and as JSON.
func clients(t *testing.T, s *service) map[string]taskschedulerpbconnect.TaskSchedulerClient {
	t.Helper()
	url := "http://" + start(t, s)
	return map[string]taskschedulerpbconnect.TaskSchedulerClient{
		"gRPC":          taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), url, connect.WithGRPC()),
		"gRPC and gzip": taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), url, connect.WithGRPC(), connect.WithSendGzip()),
		"gRPC-Web":      taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), url, connect.WithGRPCWeb()),
		"Connect":       taskschedulerpbconnect.NewTaskSchedulerClient(http1(t), url),
		"JSON":          taskschedulerpbconnect.NewTaskSchedulerClient(http1(t), url, connect.WithProtoJSON()),
	}
}

func TestRetryInEveryProtocol(t *testing.T) {
	for name, client := range clients(t, newThirdService(t)) {
		t.Run(name, func(t *testing.T) {
			response, err := client.SubmitTask(t.Context(), quick("third", 3))
			if err != nil || response.GetResult() != "3" || response.GetAttempt() != 3 {
				t.Errorf("%v, %v", response, err)
			}
			_, err = client.SubmitTask(t.Context(), quick("never", 4))
			wantCode(t, err, connect.CodeUnavailable, "never")
			failure, ok := errors.AsType[*connect.Error](err)
			if !ok || len(failure.Details()) != 1 {
				t.Fatalf("%v has no detail", err)
			}
			detail, err := failure.Details()[0].Value()
			if told, ok := detail.(*pb.TaskResponse); err != nil || !ok || told.GetAttempt() != 4 || told.GetTaskId() == "" ||
				told.GetStatus() != pb.TaskResponse_FAILED || told.GetErrorCode() != 14 || told.GetNodeId() != "bench" {
				t.Errorf("%v, %v", detail, err)
			}
		})
	}
}

// TestADetailReachesGRPC in the library that most clients have.
func TestADetailReachesGRPC(t *testing.T) {
	conn := grpcConn(t, start(t, newThirdService(t)))
	err := conn.Invoke(t.Context(), taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, quick("never", 2), new(pb.TaskResponse))
	told := grpcstatus.Convert(err)
	if told.Message() != "never" || len(told.Details()) != 1 {
		t.Fatalf("%v: %v", err, told.Details())
	}
	if detail, ok := told.Details()[0].(*pb.TaskResponse); !ok || detail.GetAttempt() != 2 {
		t.Errorf("%v", told.Details())
	}
	err = conn.Invoke(t.Context(), taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, &pb.TaskRequest{Method: "never"}, new(pb.TaskResponse))
	if details := grpcstatus.Convert(err).Details(); len(details) != 0 {
		t.Errorf("without retry: %v", details)
	}
}

func TestRetryInStreamsAndBatches(t *testing.T) {
	s := newThirdService(t)
	client := taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+start(t, s), connect.WithGRPC())
	batch, err := client.SubmitBatch(t.Context(), &pb.BatchRequest{Tasks: []*pb.TaskRequest{quick("third", 3), quick("never", 2)}})
	if err != nil || batch.GetResults()[0].GetAttempt() != 3 || batch.GetResults()[1].GetAttempt() != 2 || batch.GetResults()[1].GetErrorCode() != 14 {
		t.Errorf("%v, %v", batch, err)
	}
	_, err = client.SubmitBatch(t.Context(), &pb.BatchRequest{Tasks: []*pb.TaskRequest{quick("third", 3), quick("third", 0)}})
	wantCode(t, err, connect.CodeInvalidArgument, "tasks[1]: retry.max_attempts")
	stream, err := client.SubmitTasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	late := &pb.TaskRequest{Sequence: 1, Method: "third", StartAt: timestamppb.New(time.Now().Add(50 * time.Millisecond))}
	refused := quick("never", 2000)
	refused.Sequence = 2
	for _, request := range []*pb.TaskRequest{late, refused} {
		if err := stream.Send(request); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseRequest(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []uint64{2, 1} { // the one that waits holds nobody up
		answer, err := stream.Receive()
		if err != nil || answer.GetSequence() != want || answer.GetStatus() != pb.TaskResponse_FAILED {
			t.Errorf("%v, %v", answer, err)
		}
	}
	if _, err := stream.Receive(); err == nil || !strings.Contains(err.Error(), io.EOF.Error()) {
		t.Error(err)
	}
}

// TestRetryAndStartAtAsJSON are written as protobuf's JSON has them.
func TestRetryAndStartAtAsJSON(t *testing.T) {
	addr := start(t, newThirdService(t))
	for body, want := range map[string]string{
		`{"method":"third","retry":{"maxAttempts":3,"initialBackoff":"0.001s","codes":[14]},"startAt":"2020-01-01T00:00:00Z"}`: `"attempt":3`,
		`{"method":"third","startAt":"9000-01-01T00:00:00Z"}`:                                                                  "start_at is ",
		`{"method":"third","retry":{"maxAttempts":3,"multiplier":"Infinity"}}`:                                                 "retry.multiplier +Inf",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			"http://"+addr+taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := http1(t).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || !strings.Contains(string(answer), want) {
			t.Errorf("%s: %s, %v", body, answer, err)
		}
	}
}

// TestAPolicyIsOfItsOwnRequest, though the next one is read into the same memory.
func TestAPolicyIsOfItsOwnRequest(t *testing.T) {
	for name, client := range clients(t, newThirdService(t)) {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				if _, err := client.SubmitTask(t.Context(), quick("never", 3)); err == nil {
					t.Error("it succeeded")
				}
				id := rand.Text()
				_, err := client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: id, Method: "never"})
				wantCode(t, err, connect.CodeUnavailable, "never")
				if result, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: id}); err != nil || result.GetAttempt() != 1 {
					t.Errorf("%v, %v", result, err)
				}
			}
		})
	}
}
