package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
)

func TestDrainingFinishesWhatRuns(t *testing.T) {
	var logs logtest.Buffer
	hold := newHolder(t)
	s := listenTest(t, Config{Tasks: hold.tasks, Logger: logs.Logger(slog.LevelInfo)})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()

	conn := dialGRPC(t, s.Addr(), nil)
	health := watch(t, conn)
	held := make(chan *pb.TaskResponse, 1)
	go func() {
		response, err := submit(t.Context(), conn, &pb.TaskRequest{TaskId: "held", Method: "hold"})
		if err != nil {
			t.Errorf("the task that ran when the server was told to stop: %v", err)
		}
		held <- response
	}()
	<-hold.started
	stop()

	if change, err := health.Recv(); err != nil || change.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING {
		t.Errorf("a watcher got %v, %v", change, err)
	}
	for _, name := range []string{"", "taskscheduler.TaskScheduler"} {
		check, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: name})
		if err != nil || check.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING {
			t.Errorf("health of %q while draining: %v, %v", name, check, err)
		}
	}
	// The scheduler begins to drain right after health has turned.
	for {
		_, err := submit(t.Context(), conn, addition(t))
		if status.Code(err) == codes.Unavailable {
			break
		}
		if err != nil {
			t.Fatalf("a new task while draining: %v", err)
		}
	}
	http1 := newTransport(t, 1, nil)
	if response, err := http1.Get(baseURL(s.Addr(), false)); err != nil || !response.Close {
		t.Errorf("an HTTP/1 connection may be used again while draining (%v)", err)
	} else {
		readAll(t, response)
	}
	client := newConnect(http1, baseURL(s.Addr(), false))
	if result, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "held"}); err != nil || result.GetStatus() != pb.TaskResponse_RUNNING {
		t.Errorf("GetResult while draining: %v, %v", result, err)
	}

	hold.release()
	if response := <-held; response.GetResult() != "held" {
		t.Errorf("the task answered %v", response)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := net.Dial("tcp", s.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
	for _, line := range []string{"msg=serving addr=" + s.Addr().String(), "tls=off tasks=2", "msg=draining pending=0 running=1", "msg=stopped cut_off=0"} {
		if strings.Count(logs.String(), line) != 1 {
			t.Errorf("the log should have one line with %q:\n%s", line, logs.String())
		}
	}
}

func TestDrainTimeoutCutsOff(t *testing.T) {
	var logs logtest.Buffer
	hold := newHolder(t)
	s := listenTest(t, Config{Tasks: hold.tasks, DrainTimeout: 50 * time.Millisecond, Logger: logs.Logger(slog.LevelInfo)})
	stop := serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	held := make(chan error, 1)
	go func() {
		_, err := submit(t.Context(), conn, &pb.TaskRequest{Method: "hold"})
		held <- err
	}()
	<-hold.started
	stop()
	if err := <-held; status.Code(err) != codes.Unavailable {
		t.Errorf("the task that was cut off: %v", err)
	}
	if !strings.Contains(logs.String(), "cut_off=1") {
		t.Errorf("the log should have cut_off=1:\n%s", logs.String())
	}
}

func TestShutdownUnderLoad(t *testing.T) {
	s := listenTest(t, Config{})
	stop := serve(t, s)
	var calls atomic.Int64
	enough := make(chan struct{})
	var callers sync.WaitGroup
	for caller := range 64 {
		call := newCaller(t, s, caller)
		callers.Go(func() {
			for {
				response, err := call(t.Context(), addition(t))
				switch {
				case err == nil && response.GetResult() == "6":
					if calls.Add(1) == 1000 {
						close(enough)
					}
				case status.Code(err) == codes.Unavailable, connect.CodeOf(err) == connect.CodeUnavailable:
					return
				case caller%4 == http1Caller && !connect.IsWireError(err):
					return // an idle HTTP/1 connection may close while a request is on its way to it
				default:
					t.Errorf("got %v, %v; want 6 or UNAVAILABLE", response, err)
					return
				}
			}
		})
	}
	<-enough
	stop()
	callers.Wait()
}

const http1Caller = 3

// newCaller gives callers of many kinds connections of their own.
func newCaller(t *testing.T, s *Server, i int) caller {
	t.Helper()
	switch i % 4 {
	case 0, 1:
		conn := dialGRPC(t, s.Addr(), nil)
		return func(ctx context.Context, request *pb.TaskRequest) (*pb.TaskResponse, error) {
			return submit(ctx, conn, request)
		}
	case 2:
		return newConnect(newTransport(t, 2, nil), baseURL(s.Addr(), false), connect.WithGRPC()).SubmitTask
	default:
		return newConnect(newTransport(t, 1, nil), baseURL(s.Addr(), false)).SubmitTask
	}
}

func TestOpenStreamsDontHoldUpShutdown(t *testing.T) {
	s := listenTest(t, Config{})
	stop := serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	watch(t, conn)
	stream, err := reflection.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	stop()
	if waited := time.Since(start); waited > hangUpTimeout {
		t.Errorf("the shutdown took %v", waited)
	}
}

func TestServeWithEndedContextFreesEverything(t *testing.T) {
	s := listenTest(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Serve(ctx); err != nil {
		t.Errorf("Serve: %v", err)
	}
	again := listenTest(t, Config{Addr: s.Addr().String()})
	serve(t, again)
}

func TestLostListenerEndsServe(t *testing.T) {
	s := listenTest(t, Config{})
	served := make(chan error, 1)
	go func() { served <- s.Serve(t.Context()) }()
	response, err := http.Get(baseURL(s.Addr(), false)) // it serves
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, response)
	http.DefaultClient.CloseIdleConnections()
	s.clients.listener.Close()
	if err := <-served; err == nil || !strings.Contains(err.Error(), s.Addr().String()) {
		t.Errorf("Serve: %v, want an error that names the address", err)
	}
}
