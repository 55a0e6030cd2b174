package service

import (
	"context"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestDescribeTask(t *testing.T) {
	s := newTestService(t)
	addr := start(t, s)
	foreign := &task.Task{
		Name: "describe::multiply", Signature: "(factors: int64...) -> int64", Doc: "Multiplies.", Plugin: "describe", Version: "1.4.2",
		Source: "libdescribe.so", Run: func(context.Context, []task.Value) (task.Value, error) { return task.Null(), nil },
	}
	if err := s.config.Tasks.Replace(foreign.Source, foreign); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.config.Tasks.Replace(foreign.Source) })
	for how, client := range map[string]taskschedulerpbconnect.TaskSchedulerClient{
		"gRPC": taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+addr, connect.WithGRPC()),
		"GET":  taskschedulerpbconnect.NewTaskSchedulerClient(http1(t), "http://"+addr, connect.WithHTTPGet()),
	} {
		for _, want := range []*pb.TaskDescription{
			{
				Method: "fibonacci", Signature: "(n: int32, others: any...) -> uint64", IsAsync: true,
				Doc: "Returns the nth Fibonacci number, after a while.",
			},
			{
				Method: "describe::multiply", Signature: "(factors: int64...) -> int64", Doc: "Multiplies.",
				Plugin: "describe", Version: "1.4.2",
			},
		} {
			got, err := client.DescribeTask(t.Context(), &pb.DescribeTaskRequest{Method: want.GetMethod()})
			if err != nil || !proto.Equal(got, want) {
				t.Errorf("%s: got %v, %v, want %v", how, got, err, want)
			}
		}
		_, err := client.DescribeTask(t.Context(), &pb.DescribeTaskRequest{Method: "multiply"})
		wantCode(t, err, connect.CodeNotFound, "Method not found: multiply (nearest: describe::multiply)")
	}
	client, _ := newClient(t)
	_, err := client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "fibonaci"})
	wantCode(t, err, connect.CodeNotFound, "Method not found: fibonaci (nearest: fibonacci)")
}
