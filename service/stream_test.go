package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// stream is SubmitTasks as a client has it, whatever it speaks.
type stream interface {
	Send(request *pb.TaskRequest) error
	Recv() (*pb.TaskResponse, error)
	CloseSend() error
}

// streams opens a stream of a service of its own in every way that there is:
// read and written by this package, by Connect for gRPC, and for its own
// protocol, with and without compression.
func streams(t *testing.T, test func(t *testing.T, s *gatedService, open func(ctx context.Context) stream)) {
	t.Helper()
	gzipped := grpc.UseCompressor(gzip.Name)
	for name, options := range map[string][]grpc.CallOption{"plain": nil, "gzip": {gzipped}} {
		t.Run("gRPC/"+name, func(t *testing.T) {
			s := newGatedService(t)
			conn, err := grpc.NewClient(start(t, s.service), grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
			test(t, s, func(ctx context.Context) stream {
				client, err := conn.NewStream(ctx, description, taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure, options...)
				if err != nil {
					t.Fatal(err)
				}
				return &grpc.GenericClientStream[pb.TaskRequest, pb.TaskResponse]{ClientStream: client}
			})
		})
	}
	t.Run("Connect", func(t *testing.T) {
		s := newGatedService(t)
		client := taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+start(t, s.service))
		test(t, s, func(ctx context.Context) stream {
			client, err := client.SubmitTasks(ctx)
			if err != nil {
				t.Fatal(err)
			}
			context.AfterFunc(ctx, func() { // the end of its context alone does not reach the server
				_, _ = client.CloseResponse(), client.CloseRequest()
			})
			return connectStream{client}
		})
	})
}

// A gatedService has a sync task "gate" too, which says that it has begun, and
// returns when the gate is closed for good.
type gatedService struct {
	*service

	begun, gate chan struct{}
}

func newGatedService(t *testing.T) *gatedService {
	t.Helper()
	g := &gatedService{begun: make(chan struct{}, 10), gate: make(chan struct{})}
	registry := new(task.Registry)
	gate, err := task.NewSync(func() string {
		g.begun <- struct{}{}
		<-g.gate
		return "open"
	}, task.Name("gate"))
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range append(task.Default().Tasks(), gate) {
		if err := registry.Add(each); err != nil {
			t.Fatal(err)
		}
	}
	g.service = newTestServiceOf(t, registry)
	return g
}

type connectStream struct {
	*connect.BidiStreamForClientSimple[pb.TaskRequest, pb.TaskResponse]
}

func (s connectStream) Recv() (*pb.TaskResponse, error) { return s.Receive() }
func (s connectStream) CloseSend() error                { return s.CloseRequest() }

func send(t *testing.T, s stream, requests ...*pb.TaskRequest) {
	t.Helper()
	for _, request := range requests {
		if err := s.Send(request); err != nil {
			t.Fatal(err)
		}
	}
}

// receive returns the answers by their sequence.
func receive(t *testing.T, s stream, n int) map[uint64]*pb.TaskResponse {
	t.Helper()
	answers := make(map[uint64]*pb.TaskResponse)
	for range n {
		answer, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		answers[answer.GetSequence()] = answer
	}
	return answers
}

func wantEnd(t *testing.T, s stream) {
	t.Helper()
	if answer, err := s.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, %v; want the end", answer, err)
	}
}

func TestAStreamAnswersEachRequest(t *testing.T) {
	streams(t, func(t *testing.T, _ *gatedService, open func(context.Context) stream) {
		s := open(t.Context())
		send(t, s,
			&pb.TaskRequest{Sequence: 1, Method: "add", Args: anys(t, task.Int32(1), task.Int32(2))},
			&pb.TaskRequest{Sequence: 2, Method: "nobody", TaskId: "two"},
			&pb.TaskRequest{Sequence: 3, Method: "add", Args: anys(t, task.String("x"))},
			&pb.TaskRequest{Sequence: 4, Method: "ping", Priority: 1},
			&pb.TaskRequest{Sequence: 5, Method: "ping", Deps: make([]string, 2000)},
			&pb.TaskRequest{Sequence: 6, Method: "fibonacci", TaskId: "f", Args: anys(t, task.Int32(12))},
			&pb.TaskRequest{Sequence: 7, Method: "echo_string", Deps: []string{"f"}, InjectDependencyResults: true},
			&pb.TaskRequest{Sequence: 8, Method: "ping", Detached: true, TaskId: "later"},
			&pb.TaskRequest{Sequence: 9, Method: "echo_string", Args: anys(t, task.String(strings.Repeat("x", 100_000)))},
			&pb.TaskRequest{Sequence: 10},
		)
		answers := receive(t, s, 10)
		for sequence, want := range map[uint64]string{
			1: "SUCCESS 0 3", 2: "FAILED 5 Method not found: nobody", 3: "FAILED 3 ", 4: "FAILED 3 priority", 5: "FAILED 3 2000 dependencies",
			6: "SUCCESS 0 144", 7: "SUCCESS 0 144", 8: "PENDING 0 ", 9: "SUCCESS 0 xxx", 10: "FAILED 3 the request names no method",
		} {
			a := answers[sequence]
			if got := fmt.Sprintf("%v %d %s", a.GetStatus(), a.GetErrorCode(), a.GetResult()); !strings.HasPrefix(got, want) {
				t.Errorf("%d: got %.100s, want %s", sequence, got, want)
			}
		}
		if len(answers[9].GetResult()) != 100_000 || answers[2].GetTaskId() != "two" || answers[1].GetTaskId() == "" || answers[1].GetNodeId() != "bench" {
			t.Errorf("got %v, %v", answers[1], answers[2])
		}
		if err := s.CloseSend(); err != nil {
			t.Fatal(err)
		}
		wantEnd(t, s)
	})
}

// A client that has no more requests gets all its answers, then the end.
func TestAStreamAnswersWhatIsInFlightAtItsEnd(t *testing.T) {
	streams(t, func(t *testing.T, _ *gatedService, open func(context.Context) stream) {
		s := open(t.Context())
		const n = 50
		for i := range n {
			send(t, s, &pb.TaskRequest{Sequence: uint64(i + 1), Method: "delete"}) // 100 ms each
		}
		if err := s.CloseSend(); err != nil {
			t.Fatal(err)
		}
		if answers := receive(t, s, n); len(answers) != n {
			t.Errorf("%d answers", len(answers))
		}
		wantEnd(t, s)
	})
}

func TestALongTaskHoldsUpNobodyOnItsStream(t *testing.T) {
	streams(t, func(t *testing.T, service *gatedService, open func(context.Context) stream) {
		s := open(t.Context())
		send(t, s, &pb.TaskRequest{Sequence: 1, Method: "gate"})
		<-service.begun
		for i := range 20 {
			send(t, s, &pb.TaskRequest{Sequence: uint64(i + 2), Method: "ping"})
		}
		if answers := receive(t, s, 20); answers[1] != nil {
			t.Error("the gate is open already")
		}
		close(service.gate)
		if a := receive(t, s, 1)[1]; a.GetResult() != "open" {
			t.Errorf("got %v", a)
		}
		if err := s.CloseSend(); err != nil {
			t.Fatal(err)
		}
		wantEnd(t, s)
	})
}

func TestWhoLeavesAStreamCancelsItsTasks(t *testing.T) {
	streams(t, func(t *testing.T, service *gatedService, open func(context.Context) stream) {
		ctx, cancel := context.WithCancel(t.Context())
		s := open(ctx)
		ghost := &pb.TaskRequest{TaskId: "waits", Method: "ping", Deps: []string{"ghost"}, DependencyTimeoutMs: 600_000}
		kept := &pb.TaskRequest{TaskId: "kept", Method: "ping", Deps: []string{"ghost"}, DependencyTimeoutMs: 600_000, Detached: true}
		send(t, s, ghost, kept, &pb.TaskRequest{Method: "ping"})
		receive(t, s, 2)
		cancel()
		for known := true; known; runtime.Gosched() { // to wait for the task would be to want it
			var err error
			if _, known, err = service.config.Scheduler.Get(t.Context(), "waits"); err != nil {
				t.Fatal(err)
			}
		}
		if _, known, _ := service.config.Scheduler.Get(t.Context(), "kept"); !known {
			t.Error("the detached task is gone too")
		}
		if _, err := service.config.Scheduler.Cancel(t.Context(), "kept"); err != nil {
			t.Error(err)
		}
	})
}

func TestAStreamThatIsNoStreamEndsWithAnError(t *testing.T) {
	s := newTestService(t)
	addr := start(t, s)
	for name, test := range map[string]struct {
		body string
		code codes.Code
	}{
		"not protobuf":     {string(envelope(0, []byte{0xff})), codes.InvalidArgument},
		"an unknown flag":  {string(envelope(4, nil)), codes.Internal},
		"compressed":       {string(envelope(1, nil)), codes.Internal},
		"half a message":   {string(envelope(0, []byte("\x12\x04ping"))[:8]), codes.InvalidArgument},
		"half an envelope": {"\x00\x00", codes.InvalidArgument},
		"too large":        {"\x00\x7f\xff\xff\xff", codes.ResourceExhausted},
		"nothing":          {"", codes.OK},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				"http://"+addr+taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/grpc")
			response, err := h2c(t).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			if _, err := io.ReadAll(response.Body); err != nil {
				t.Fatal(err)
			}
			if got := response.Trailer.Get("Grpc-Status"); got != fmt.Sprint(int(test.code)) {
				t.Errorf("got status %s (%s), want %v", got, response.Trailer.Get("Grpc-Message"), test.code)
			}
		})
	}
}

func TestADrainingServerEndsStreams(t *testing.T) {
	s := newTestService(t)
	ctx, stop := context.WithCancel(t.Context())
	_, handler := NewHandler(s.config)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(ctx))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := taskschedulerpbconnect.NewTaskSchedulerClient(server.Client(), server.URL, connect.WithGRPC())
	open, err := client.SubmitTasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.CloseResponse() }()
	send(t, connectStream{open}, &pb.TaskRequest{Sequence: 1, Method: "ping"})
	receive(t, connectStream{open}, 1)
	s.config.Scheduler.Pause(true)
	send(t, connectStream{open}, &pb.TaskRequest{Sequence: 2, Method: "ping"})
	if a := receive(t, connectStream{open}, 1)[2]; a.GetErrorCode() != uint32(task.Unavailable) {
		t.Errorf("got %v", a)
	}
	stop()
	if err := open.CloseRequest(); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Receive(); connect.CodeOf(err) != connect.CodeUnavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
}
