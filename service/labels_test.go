package service

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// labelsOf returns the labels that a running task has.
func labelsOf(t *testing.T, s *service, id string) map[string]string {
	t.Helper()
	var labels map[string]string
	found := false
	s.config.Scheduler.EachExecution(func(x *scheduler.Execution) {
		if x.ID == id {
			labels, found = x.Labels, true
		}
	})
	if !found {
		t.Fatalf("%s doesn't run", id)
	}
	return labels
}

func TestLabelsAreKept(t *testing.T) {
	for name, option := range map[string]connect.ClientOption{
		"gRPC": connect.WithGRPC(), "gzip": connect.WithSendGzip(), "gRPC-Web": connect.WithGRPCWeb(), "JSON": connect.WithProtoJSON(),
	} {
		t.Run(name, func(t *testing.T) {
			k := newTalker(t, option)
			labels := map[string]string{"team": "a", "größe": "1 € = ?", "empty": "", strings.Repeat("k", 64): strings.Repeat("v", 256)}
			request := func(id string) *pb.TaskRequest {
				return &pb.TaskRequest{TaskId: id, Method: "talk", Detached: true, Labels: labels}
			}
			if _, err := k.client.SubmitTask(t.Context(), request("alone")); err != nil {
				t.Fatal(err)
			}
			if _, err := k.client.SubmitBatch(t.Context(), &pb.BatchRequest{Tasks: []*pb.TaskRequest{request("in a batch")}}); err != nil {
				t.Fatal(err)
			}
			ids := []string{"alone", "in a batch"}
			for range ids {
				<-k.begun
			}
			for _, id := range ids {
				if got := labelsOf(t, k.service, id); !maps.Equal(got, labels) {
					t.Errorf("%s has %v", id, got)
				}
			}
			for range ids {
				k.does <- nil
			}
		})
	}
}

func TestLabelsOfAStreamAreKept(t *testing.T) {
	streams(t, func(t *testing.T, s *gatedService, open func(context.Context) stream) {
		client := open(t.Context())
		send(t, client, &pb.TaskRequest{TaskId: "a", Method: "gate", Labels: map[string]string{"team": "b"}})
		<-s.begun
		if got := labelsOf(t, s.service, "a"); got["team"] != "b" {
			t.Errorf("got %v", got)
		}
		close(s.gate)
		receive(t, client, 1)
	})
}

func TestLabelsAreBounded(t *testing.T) {
	many := make(map[string]string)
	for i := range 17 {
		many[fmt.Sprint(i)] = ""
	}
	for name, option := range map[string]connect.ClientOption{"gRPC": connect.WithGRPC(), "JSON": connect.WithProtoJSON()} {
		client := taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+start(t, newTestService(t)), option)
		for want, labels := range map[string]map[string]string{
			"17 labels; at most 16":                         many,
			"a key has 65 bytes; at most 64":                {strings.Repeat("k", 65): ""},
			`the value of "k" has 257 bytes; at most 256`:   {"k": strings.Repeat("v", 257)},
			"a key is empty":                                {"": "v"},
			`"a\nb" has a control character`:                {"a\nb": "v"},
			`"color" has a control character`:               {"color": "\x1b[31m"},
			`the value of "k" has 100000 bytes; at most 25`: {"k": strings.Repeat("v", 100_000)},
		} {
			t.Run(name+"/"+want, func(t *testing.T) {
				_, err := client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "a", Method: "ping", Labels: labels})
				wantCode(t, err, connect.CodeInvalidArgument, want)
				state, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "a"})
				if err != nil || state.GetStatus() != pb.TaskResponse_NOT_FOUND {
					t.Errorf("the refused submission left %v, %v", state, err)
				}
			})
		}
	}
}
