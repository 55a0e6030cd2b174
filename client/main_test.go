package client_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/client"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A script is a server whose answers a test writes down, for what the real one
// can't be made to do on demand.
type script struct {
	taskschedulerpbconnect.UnimplementedTaskSchedulerHandler

	submit func(context.Context, *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error)
	wait   func(context.Context, *taskschedulerpb.WaitResultRequest) (*taskschedulerpb.ResultResponse, error)
	stream func(*tasksStream) error
	result *taskschedulerpb.ResultResponse // of any id; watching tells nothing; nil: there is neither
	calls  atomic.Int32
}

func (s *script) SubmitTask(
	ctx context.Context, request *taskschedulerpb.TaskRequest,
) (*taskschedulerpb.TaskResponse, error) {
	s.calls.Add(1)
	return s.submit(ctx, request)
}

func (s *script) WaitResult(
	ctx context.Context, request *taskschedulerpb.WaitResultRequest,
) (*taskschedulerpb.ResultResponse, error) {
	s.calls.Add(1)
	return s.wait(ctx, request)
}

func (s *script) SubmitTasks(_ context.Context, stream *tasksStream) error { return s.stream(stream) }

func (s *script) GetResult(
	ctx context.Context, request *taskschedulerpb.ResultRequest,
) (*taskschedulerpb.ResultResponse, error) {
	if s.result == nil {
		return s.UnimplementedTaskSchedulerHandler.GetResult(ctx, request)
	}
	return s.result, nil
}

func (s *script) WatchTask(
	ctx context.Context, request *taskschedulerpb.WatchTaskRequest, stream *eventsStream,
) error {
	if s.result == nil {
		return s.UnimplementedTaskSchedulerHandler.WatchTask(ctx, request, stream)
	}
	return nil
}

// start serves the script on a socket and returns its address.
func (s *script) start(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	mux := http.NewServeMux()
	mux.Handle(taskschedulerpbconnect.NewTaskSchedulerHandler(s))
	serve(t, listener, mux)
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func serve(t *testing.T, listener net.Listener, handler http.Handler) {
	t.Helper()
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: &protocols, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
}

// connect returns a client with short pauses; change, if not nil, has the last
// word on its Config.
func connect(t *testing.T, addr string, change func(*client.Config)) *client.Client {
	t.Helper()
	cfg := client.Config{Addr: addr, BackoffBase: time.Millisecond, BackoffMax: 5 * time.Millisecond}
	if change != nil {
		change(&cfg)
	}
	c, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
