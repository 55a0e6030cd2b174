package service

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/anypb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, natstest.LeftRunning()...) }

// start serves s on a real socket, HTTP/1.1 and h2c, and returns its address.
func start(t *testing.T, s *service) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(NewHandler(s.config))
	return serve(t, mux)
}

// serve serves a handler on a real socket and returns its address.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// h2c is an HTTP client that speaks HTTP/2 without TLS.
func h2c(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols), TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// http1 is an HTTP client that speaks HTTP/1.1.
func http1(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func grpcConn(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// newClient returns a connect client for a service of its own.
func newClient(t *testing.T) (taskschedulerpbconnect.TaskSchedulerClient, *service) {
	t.Helper()
	s := newTestService(t)
	return taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+start(t, s), connect.WithGRPC()), s
}

// anys packs values as a client does.
func anys(t *testing.T, values ...task.Value) []*anypb.Any {
	t.Helper()
	packed := make([]*anypb.Any, len(values))
	for i, v := range values {
		url, value, err := wire.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		packed[i] = &anypb.Any{TypeUrl: url, Value: value}
	}
	return packed
}

func wantCode(t *testing.T, err error, code connect.Code, text string) {
	t.Helper()
	if connect.CodeOf(err) != code || err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v; want %v: …%s…", err, code, text)
	}
}

func TestDetachedSubmissionWaitAndResult(t *testing.T) {
	client, _ := newClient(t)
	gate, request := newGate(t)
	request.Detached = true
	submitted, err := client.SubmitTask(t.Context(), request)
	if err != nil || submitted.GetStatus() != pb.TaskResponse_PENDING || submitted.GetTaskId() != "a" || submitted.GetNodeId() != "bench" {
		t.Fatalf("SubmitTask: %v, %v", submitted, err)
	}
	<-gate.began
	early, err := client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: "a", TimeoutMs: 1})
	if err != nil || early.GetStatus() != pb.TaskResponse_RUNNING {
		t.Errorf("WaitResult of 1 ms: %v, %v", early, err)
	}
	close(gate.open)
	waited, err := client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: "a"})
	if err != nil || waited.GetStatus() != pb.TaskResponse_SUCCESS || waited.GetResult() != "held" {
		t.Errorf("WaitResult: %v, %v", waited, err)
	}
	result, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "a"})
	if err != nil || result.GetStatus() != pb.TaskResponse_SUCCESS || result.GetResult() != "held" || result.GetNodeId() != "bench" {
		t.Errorf("GetResult: %v, %v", result, err)
	}
	again, err := client.SubmitTask(t.Context(), request)
	if err != nil || again.GetStatus() != pb.TaskResponse_SUCCESS || again.GetResult() != "held" {
		t.Errorf("SubmitTask again: %v, %v", again, err)
	}
}

func TestFailuresAreErrorsAndRemembered(t *testing.T) {
	client, _ := newClient(t)
	request := &pb.TaskRequest{TaskId: "a", Method: "add", Args: anys(t, task.String("1"))}
	_, err := client.SubmitTask(t.Context(), request)
	wantCode(t, err, connect.CodeInvalidArgument, "argument 1")
	result, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "a"})
	if err != nil || result.GetStatus() != pb.TaskResponse_FAILED || result.GetErrorCode() != 3 || !strings.Contains(result.GetResult(), "argument 1") {
		t.Errorf("GetResult: %v, %v", result, err)
	}
	request.Detached = true // a question about a known id, not a failure of this call
	again, err := client.SubmitTask(t.Context(), request)
	if err != nil || again.GetStatus() != pb.TaskResponse_FAILED || again.GetErrorCode() != 3 {
		t.Errorf("SubmitTask again: %v, %v", again, err)
	}
}

func TestCancelTask(t *testing.T) {
	client, _ := newClient(t)
	_, request := newGate(t)
	request.Detached = true
	if _, err := client.SubmitTask(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	for _, want := range []*pb.CancelResponse{
		{Cancelled: true, Status: pb.TaskResponse_CANCELLED},
		{Cancelled: false, Status: pb.TaskResponse_CANCELLED},
	} {
		got, err := client.CancelTask(t.Context(), &pb.CancelRequest{TaskId: "a"})
		if err != nil || got.GetCancelled() != want.GetCancelled() || got.GetStatus() != want.GetStatus() {
			t.Errorf("CancelTask: %v, %v; want %v", got, err, want)
		}
	}
	request.Detached = false
	_, err := client.SubmitTask(t.Context(), request)
	wantCode(t, err, connect.CodeCanceled, "the task was cancelled")
}

func TestUnknownIDsAreNotFound(t *testing.T) {
	client, _ := newClient(t)
	for _, id := range []string{"ghost", ""} {
		result, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: id})
		if err != nil || result.GetStatus() != pb.TaskResponse_NOT_FOUND {
			t.Errorf("GetResult(%q): %v, %v", id, result, err)
		}
		result, err = client.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: id})
		if err != nil || result.GetStatus() != pb.TaskResponse_NOT_FOUND {
			t.Errorf("WaitResult(%q): %v, %v", id, result, err)
		}
		cancelled, err := client.CancelTask(t.Context(), &pb.CancelRequest{TaskId: id})
		if err != nil || cancelled.GetCancelled() || cancelled.GetStatus() != pb.TaskResponse_NOT_FOUND {
			t.Errorf("CancelTask(%q): %v, %v", id, cancelled, err)
		}
	}
}

func TestGetNodeInfo(t *testing.T) {
	client, _ := newClient(t)
	gate, request := newGate(t)
	request.Detached = true
	if _, err := client.SubmitTask(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	<-gate.began
	defer close(gate.open)
	if _, err := client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "add", Deps: []string{"a"}, Detached: true}); err != nil {
		t.Fatal(err)
	}
	info, err := client.GetNodeInfo(t.Context(), &pb.NodeInfoRequest{})
	if err != nil {
		t.Fatal(err)
	}
	methods := strings.Join(info.GetMethods(), " ")
	const want = "add delete echo_bool echo_bytes echo_string fibonacci hold ping process_collection process_complex_map " +
		"process_nested_list process_person_map remove sum_list"
	if methods != want || info.GetNodeId() != "bench" || info.GetPendingTasks() != 1 || info.GetRunningTasks() != 1 {
		t.Errorf("GetNodeInfo: %v", info)
	}
}

func TestDependencyResultsAreInjected(t *testing.T) {
	client, _ := newClient(t)
	if _, err := client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "f", Method: "fibonacci", Detached: true, Args: anys(t, task.Int32(12))}); err != nil {
		t.Fatal(err)
	}
	response, err := client.SubmitTask(t.Context(), &pb.TaskRequest{
		Method: "echo_string", Deps: []string{"f"}, InjectDependencyResults: true, Args: anys(t, task.String("own")),
	})
	if err != nil || response.GetResult() != "144,own" {
		t.Errorf("SubmitTask: %v, %v", response, err)
	}
}

func TestTimeouts(t *testing.T) {
	client, _ := newClient(t)
	_, request := newGate(t)
	request.ExecutionTimeoutMs = 5
	_, err := client.SubmitTask(t.Context(), request)
	wantCode(t, err, connect.CodeDeadlineExceeded, "longer than its timeout of 5ms")
	_, err = client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "add", Deps: []string{"ghost"}, DependencyTimeoutMs: 5})
	wantCode(t, err, connect.CodeDeadlineExceeded, "have not ended within 5ms")
	response, err := client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "delete", ExecutionTimeoutMs: 1 << 63})
	if err != nil || response.GetResult() != "Deleted 0 items" {
		t.Errorf("an endless timeout: %v, %v", response, err)
	}
}

func TestTheClientsDeadlineFreesTheID(t *testing.T) {
	client, s := newClient(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, request := newGate(t)
	_, err := client.SubmitTask(ctx, request)
	wantCode(t, err, connect.CodeDeadlineExceeded, "")
	for { // until the server has noticed; it may not even have heard of it when the client gives up
		result, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "a"})
		if err != nil {
			t.Fatal(err)
		}
		if pending, running := s.config.Scheduler.Counts(); result.GetStatus() == pb.TaskResponse_NOT_FOUND && pending+running == 0 {
			break
		}
		<-time.After(time.Millisecond)
	}
}

// TestALostConnectionFreesTheID cuts the connection of a caller that waits.
func TestALostConnectionFreesTheID(t *testing.T) {
	s := newTestService(t)
	addr := start(t, s)
	dialed := make(chan net.Conn, 1)
	transport := &http.Transport{Protocols: new(http.Protocols), DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		dialed <- conn
		return conn, err
	}}
	transport.Protocols.SetUnencryptedHTTP2(true)
	client := taskschedulerpbconnect.NewTaskSchedulerClient(&http.Client{Transport: transport}, "http://"+addr, connect.WithGRPC())
	gate, request := newGate(t)
	failed := make(chan error, 1)
	go func() {
		_, err := client.SubmitTask(t.Context(), request)
		failed <- err
	}()
	conn := <-dialed
	<-gate.began
	_ = conn.Close()
	wantCode(t, <-failed, connect.CodeUnavailable, "")
	for _, running := s.config.Scheduler.Counts(); running > 0; _, running = s.config.Scheduler.Counts() {
		<-time.After(time.Millisecond)
	}
	if o, known, err := s.config.Scheduler.Get(t.Context(), "a"); err != nil || known {
		t.Errorf("the id is taken: %+v, %v", o, err)
	}
}
