package service

import (
	"context"
	"maps"
	"math"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// typedTasks are tasks that give back what they get: "same" the first argument,
// "all" a list of all of them.
func typedTasks(t *testing.T) *task.Registry {
	t.Helper()
	same, err := task.NewSync(func(v task.Value) task.Value { return v }, task.Name("same"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := task.NewSync(func(args []task.Value) (task.Value, error) { return task.ListOf(args...), nil }, task.Name("all"))
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := task.NewSync(func() {}, task.Name("nothing"))
	if err != nil {
		t.Fatal(err)
	}
	tasks := new(task.Registry)
	if err := tasks.Add(same, all, nothing); err != nil {
		t.Fatal(err)
	}
	return tasks
}

func everyKind() map[string]task.Value {
	fields := map[string]task.Value{
		"bool": task.Bool(false), "int32": task.Int32(-5), "int64": task.Int64(5), "uint32": task.Uint32(5),
		"uint64": task.Uint64(math.MaxUint64), "float": task.Float(0.1), "double": task.Double(5),
		"infinity": task.Double(math.Inf(1)), "string": task.String("5"), "bytes": task.Bytes([]byte("raw")),
	}
	all := maps.Clone(fields)
	all["list"] = task.ListOf(task.Bytes([]byte{0, 255}), task.ListOf(), task.Float(1))
	all["map"] = task.MapOf(fields)
	return all
}

// typedClients are clients of a service in each way that a call may come.
func typedClients(t *testing.T, s *service) map[string]taskschedulerpbconnect.TaskSchedulerClient {
	t.Helper()
	url := "http://" + start(t, s)
	clients := make(map[string]taskschedulerpbconnect.TaskSchedulerClient)
	for name, option := range map[string]connect.ClientOption{
		"plain gRPC": connect.WithGRPC(), "gzip": connect.WithClientOptions(connect.WithGRPC(), connect.WithSendGzip()),
		"gRPC-Web": connect.WithGRPCWeb(), "Connect": connect.WithClientOptions(), "JSON": connect.WithProtoJSON(),
	} {
		clients[name] = taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), url, option)
	}
	return clients
}

func TestTypedResults(t *testing.T) {
	for name, client := range typedClients(t, newTestServiceOf(t, typedTasks(t))) {
		for kind, v := range everyKind() {
			t.Run(name+"/"+kind, func(t *testing.T) {
				packed := anys(t, v)
				want := packed[0]
				id := name + kind
				submitted, err := client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: id, Method: "same", Args: packed, TypedResult: true})
				if err != nil {
					t.Fatal(err)
				}
				wantValue(t, "SubmitTask", submitted.GetValue(), want)
				got, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: id, TypedResult: true})
				if err != nil {
					t.Fatal(err)
				}
				wantValue(t, "GetResult", got.GetValue(), want)
				waited, err := client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: id, TypedResult: true})
				if err != nil {
					t.Fatal(err)
				}
				wantValue(t, "WaitResult", waited.GetValue(), want)
				if submitted.GetResult() == "" || got.GetResult() != submitted.GetResult() || waited.GetResult() != got.GetResult() {
					t.Errorf("the texts are %q, %q and %q", submitted.GetResult(), got.GetResult(), waited.GetResult())
				}
				batch, err := client.SubmitBatch(t.Context(), &pb.BatchRequest{Tasks: []*pb.TaskRequest{
					{Method: "same", Args: packed, TypedResult: true}, {Method: "same", Args: packed},
				}})
				if err != nil {
					t.Fatal(err)
				}
				wantValue(t, "SubmitBatch", batch.GetResults()[0].GetValue(), want)
				wantValue(t, "SubmitBatch, not asked", batch.GetResults()[1].GetValue(), nil)
			})
		}
	}
}

func wantValue(t *testing.T, rpc string, got, want *anypb.Any) {
	t.Helper()
	if (got == nil) != (want == nil) || !proto.Equal(got, want) {
		t.Errorf("%s: the value is %v, want %v", rpc, got, want)
	}
}

func TestTypedResultsOfStreams(t *testing.T) {
	streams(t, func(t *testing.T, s *gatedService, open func(ctx context.Context) stream) {
		stream := open(t.Context())
		for i, typed := range []bool{true, false} {
			request := &pb.TaskRequest{Method: "add", Args: anys(t, task.Int64(2), task.Double(3)), Sequence: uint64(i + 1), TypedResult: typed}
			if err := stream.Send(request); err != nil {
				t.Fatal(err)
			}
			answer, err := stream.Recv()
			if err != nil || answer.GetResult() != "5" {
				t.Fatal(answer, err)
			}
			if typed {
				wantValue(t, "SubmitTasks", answer.GetValue(), anys(t, task.Int32(5))[0])
			} else {
				wantValue(t, "SubmitTasks", answer.GetValue(), nil)
			}
		}
		if err := stream.CloseSend(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestWhatHasNoValue: a failure, a state that is not the end, null, and what
// nobody asked for.
func TestWhatHasNoValue(t *testing.T) {
	s := newTestServiceOf(t, typedTasks(t))
	client := typedClients(t, s)["plain gRPC"]
	answer, err := client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "none", Method: "nothing", TypedResult: true})
	if err != nil || answer.GetValue() != nil || answer.GetStatus() != pb.TaskResponse_SUCCESS {
		t.Errorf("null: %v, %v", answer, err)
	}
	answer, err = client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "a", Method: "same", Args: anys(t, task.Int32(1))})
	if err != nil || answer.GetValue() != nil {
		t.Errorf("not asked: %v, %v", answer, err)
	}
	answer, err = client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "b", Method: "same", Detached: true, TypedResult: true})
	if err != nil || answer.GetValue() != nil {
		t.Errorf("detached: %v, %v", answer, err)
	}
	result, err := client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: "b", TypedResult: true})
	if err != nil || result.GetStatus() != pb.TaskResponse_FAILED || result.GetValue() != nil {
		t.Errorf("failed: %v, %v", result, err)
	}
	// Another's dependency is injected as text, whoever asks for what.
	answer, err = client.SubmitTask(t.Context(), &pb.TaskRequest{
		Method: "all", Deps: []string{"a"}, InjectDependencyResults: true, Args: anys(t, task.Int32(2)), TypedResult: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	wantValue(t, "injected", answer.GetValue(), anys(t, task.ListOf(task.String("1"), task.Int32(2)))[0])
}

// TestValuesOverTheMessageLimit: the text of a list is a small part of what it
// takes as a value.
func TestValuesOverTheMessageLimit(t *testing.T) {
	s := newTestServiceOf(t, typedTasks(t))
	s.config.MaxMessageBytes = 10_000
	client := typedClients(t, s)["plain gRPC"]
	numbers := make([]task.Value, 150)
	for i := range numbers {
		numbers[i] = task.Int32(1)
	}
	args := anys(t, numbers...)
	_, err := client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "a", Method: "all", Args: args, TypedResult: true})
	wantCode(t, err, connect.CodeResourceExhausted, "larger than the 10000")
	_, err = client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "a", TypedResult: true})
	wantCode(t, err, connect.CodeResourceExhausted, "without typed_result")
	result, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "a"})
	if err != nil || len(result.GetResult()) != len("[")+2*len(numbers) {
		t.Errorf("without the value: %v, %v", result, err)
	}
	batch, err := client.SubmitBatch(t.Context(), &pb.BatchRequest{Tasks: []*pb.TaskRequest{
		{TaskId: "a", Method: "all", TypedResult: true}, {Method: "same", Args: anys(t, task.String("x")), TypedResult: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	first, second := batch.GetResults()[0], batch.GetResults()[1]
	if first.GetStatus() != pb.TaskResponse_SUCCESS || first.GetErrorCode() != uint32(task.ResourceExhausted) || first.GetResult() != "" {
		t.Errorf("a large one in a batch: %v", first)
	}
	wantValue(t, "a small one beside it", second.GetValue(), anys(t, task.String("x"))[0])
}

// TestTypedTextsCountTwice: an answer has the text and the value.
func TestTypedTextsCountTwice(t *testing.T) {
	s := newTestServiceOf(t, typedTasks(t))
	s.config.MaxMessageBytes = 10_000
	client := typedClients(t, s)["JSON"]
	_, err := client.SubmitTask(t.Context(), &pb.TaskRequest{
		Method: "same", Args: anys(t, task.String(strings.Repeat("x", 6000))), TypedResult: true,
	})
	wantCode(t, err, connect.CodeResourceExhausted, "larger than")
}
