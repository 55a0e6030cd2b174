package service

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// nested returns a list of lists, depth levels deep.
func nested(t *testing.T, depth int) []*anypb.Any {
	t.Helper()
	inner := anys(t, task.Int32(1))[0]
	for range depth {
		list, err := anypb.New(&pb.ListValue{Values: []*anypb.Any{inner}})
		if err != nil {
			t.Fatal(err)
		}
		inner = list
	}
	return []*anypb.Any{inner}
}

func TestBadInputIsRefused(t *testing.T) {
	client, _ := newClient(t)
	duration, err := anypb.New(durationpb.New(1))
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 100_000)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	good := anys(t, task.Int32(1))
	for name, test := range map[string]struct {
		request *pb.TaskRequest
		code    connect.Code
		text    string
	}{
		"unknown type":           {&pb.TaskRequest{Method: "add", Args: append(good, duration)}, connect.CodeInvalidArgument, "argument 2: "},
		"its URL":                {&pb.TaskRequest{Method: "add", Args: append(good, duration)}, connect.CodeInvalidArgument, "google.protobuf.Duration"},
		"no type":                {&pb.TaskRequest{Method: "add", Args: []*anypb.Any{{}}}, connect.CodeInvalidArgument, "argument 1: "},
		"truncated":              {&pb.TaskRequest{Method: "add", Args: []*anypb.Any{{TypeUrl: good[0].GetTypeUrl(), Value: []byte{8}}}}, connect.CodeInvalidArgument, "argument 1: "},
		"string not UTF-8":       {&pb.TaskRequest{Method: "ping", Args: []*anypb.Any{{TypeUrl: "x/google.protobuf.StringValue", Value: []byte{10, 1, 0xff}}}}, connect.CodeInvalidArgument, "UTF-8"},
		"nested too deep":        {&pb.TaskRequest{Method: "sum_list", Args: nested(t, 101)}, connect.CodeInvalidArgument, "argument 1: "},
		"nested far too deep":    {&pb.TaskRequest{Method: "sum_list", Args: nested(t, 3000)}, connect.CodeInvalidArgument, "argument 1: "},
		"many arguments":         {&pb.TaskRequest{Method: "add", Args: make([]*anypb.Any, 10_001)}, connect.CodeInvalidArgument, "10001 arguments; at most 10000"},
		"many dependencies":      {&pb.TaskRequest{Method: "add", Deps: ids}, connect.CodeInvalidArgument, "100000 dependencies; at most 1000"},
		"huge message":           {&pb.TaskRequest{Method: "ping", Args: anys(t, task.String(strings.Repeat("x", 5<<20)))}, connect.CodeResourceExhausted, "larger than"},
		"method before args":     {&pb.TaskRequest{Method: "nope", Args: []*anypb.Any{duration}}, connect.CodeNotFound, "Method not found: nope"},
		"long method":            {&pb.TaskRequest{Method: strings.Repeat("x", 1<<20)}, connect.CodeNotFound, "Method not found: xxx"},
		"bytes that are no text": {&pb.TaskRequest{Method: "echo_bytes", Args: anys(t, task.Bytes([]byte{0xff}))}, connect.CodeInvalidArgument, "UTF-8"},
		"overflow":               {&pb.TaskRequest{Method: "add", Args: anys(t, task.Int32(1<<31-1), task.Int32(1))}, connect.CodeInvalidArgument, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range test.request.Args {
				if test.request.Args[i] == nil {
					test.request.Args[i] = good[0]
				}
			}
			_, err := client.SubmitTask(t.Context(), test.request)
			wantCode(t, err, test.code, test.text)
			if err != nil && len(err.Error()) > 4096 {
				t.Errorf("the error has %d bytes: a header block that clients refuse", len(err.Error()))
			}
		})
	}
	response, err := client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "sum_list", Args: nested(t, 100)})
	if err != nil || response.GetResult() != "0" {
		t.Errorf("100 levels: %v, %v", response, err)
	}
}

func TestBytesThatAreNoMessageAreRefused(t *testing.T) {
	addr := start(t, newTestService(t))
	for name, body := range map[string][]byte{
		"garbage":          {0xff, 0xff, 0xff},
		"id not UTF-8":     {10, 1, 0xff},
		"unfinished group": {0x0b, 0x0b, 0x0b},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				"http://"+addr+"/taskscheduler.TaskScheduler/SubmitTask", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/proto")
			response, err := http1(t).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusBadRequest {
				t.Errorf("status %s", response.Status)
			}
		})
	}
}

func TestAKnownIDIsAnsweredWhateverItsArguments(t *testing.T) {
	client, _ := newClient(t)
	request := &pb.TaskRequest{TaskId: "a", Method: "add", Args: anys(t, task.Int32(5))}
	for _, args := range [][]*anypb.Any{request.GetArgs(), {{TypeUrl: "x/nonsense"}}} {
		request.Args = args
		response, err := client.SubmitTask(t.Context(), request)
		if err != nil || response.GetResult() != "5" {
			t.Errorf("SubmitTask: %v, %v", response, err)
		}
	}
}

func TestSameIDFrom64Callers(t *testing.T) {
	client, _ := newClient(t)
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			response, err := client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "a", Method: "fibonacci", Args: anys(t, task.Int32(12))})
			if err != nil || response.GetResult() != "144" {
				t.Errorf("caller %d: %v, %v", i, response, err)
			}
		})
	}
	callers.Wait()
}
