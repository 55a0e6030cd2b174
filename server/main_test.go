package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) {
	BecomePlugin()
	goleak.VerifyTestMain(m, natstest.LeftRunning()...)
}

// listenTest returns a server on a free port that nobody serves yet.
func listenTest(tb testing.TB, cfg Config) *Server {
	tb.Helper()
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	if cfg.AdminAddr == "" {
		cfg.AdminAddr = adminOff
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.HTTP2 == "" {
		cfg.HTTP2 = os.Getenv("TASK_SCHEDULER_HTTP2") // all these tests hold for either
	}
	cfg.PluginLoadTimeout = cmp.Or(cfg.PluginLoadTimeout, 2*time.Minute) // on a busy machine
	keepTestData(tb, &cfg)                                               // and wherever data is kept
	s, err := Listen(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// serve serves until the test ends, or until the returned function is called,
// which waits for Serve and fails the test when it returned an error.
func serve(tb testing.TB, s *Server) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	var stopped bool
	stop = func() {
		tb.Helper()
		cancel()
		if stopped {
			return
		}
		stopped = true
		if err := <-served; err != nil {
			tb.Errorf("Serve: %v", err)
		}
	}
	tb.Cleanup(stop)
	return stop
}

// dialGRPC returns a connection of grpc-go, over TLS if config isn't nil.
func dialGRPC(tb testing.TB, addr net.Addr, config *tls.Config) *grpc.ClientConn {
	tb.Helper()
	security := insecure.NewCredentials()
	if config != nil {
		security = credentials.NewTLS(config)
	}
	conn, err := grpc.NewClient(addr.String(), grpc.WithTransportCredentials(security))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return conn
}

// submit submits through grpc-go, as the predecessor's clients do.
func submit(ctx context.Context, conn *grpc.ClientConn, request *pb.TaskRequest) (*pb.TaskResponse, error) {
	response := new(pb.TaskResponse)
	err := conn.Invoke(ctx, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, request, response)
	return response, err
}

// newTransport returns an HTTP client that speaks exactly one version, 1 or 2,
// over TLS if config isn't nil.
func newTransport(tb testing.TB, version int, config *tls.Config) *http.Client {
	tb.Helper()
	// A transport writes what it speaks into its configuration.
	transport := &http.Transport{TLSClientConfig: config.Clone(), Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version == 1)
	transport.Protocols.SetHTTP2(version == 2 && config != nil)
	transport.Protocols.SetUnencryptedHTTP2(version == 2 && config == nil)
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func baseURL(addr net.Addr, secure bool) string {
	if secure {
		return "https://" + addr.String()
	}
	return "http://" + addr.String()
}

func newConnect(client *http.Client, url string, options ...connect.ClientOption) taskschedulerpbconnect.TaskSchedulerClient {
	return taskschedulerpbconnect.NewTaskSchedulerClient(client, url, options...)
}

// A holder is a registry with the task "hold", which runs until it is released,
// cancelled or out of time, and "add".
type holder struct {
	tasks   *task.Registry
	started chan struct{} // receives one for each task that begins
	release func()
}

func newHolder(tb testing.TB) *holder {
	tb.Helper()
	ctx, release := context.WithCancel(context.Background())
	tb.Cleanup(release)
	h := &holder{tasks: new(task.Registry), started: make(chan struct{}, 1000), release: release}
	hold, err := task.NewAsync(func(call context.Context) (string, error) {
		h.started <- struct{}{}
		select {
		case <-ctx.Done():
			return "held", nil
		case <-call.Done():
			return "", call.Err()
		}
	}, task.Name("hold"))
	if err == nil {
		err = h.tasks.Add(hold, task.Default().Lookup("add"))
	}
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// addition is a request for add(1, 2, 3).
func addition(tb testing.TB) *pb.TaskRequest {
	tb.Helper()
	return &pb.TaskRequest{Method: "add", Args: []*anypb.Any{
		pack(tb, wrapperspb.Int32(1)), pack(tb, wrapperspb.Int32(2)), pack(tb, wrapperspb.Int32(3)),
	}}
}

func pack(tb testing.TB, message proto.Message) *anypb.Any {
	tb.Helper()
	packed, err := anypb.New(message)
	if err != nil {
		tb.Fatal(err)
	}
	return packed
}

func readAll(tb testing.TB, response *http.Response) string {
	tb.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}
