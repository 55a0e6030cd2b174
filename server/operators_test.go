package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// soon is how long tests wait for what happens at once unless something is wrong.
const soon = 30 * time.Second

// An adminBench is a server with an admin port, and who talks to both.
type adminBench struct {
	*Server

	hold  *holder
	logs  *logtest.Buffer
	tasks caller
	admin adminpbconnect.AdminServiceClient
	stop  func()
}

// newAdminBench serves until the test ends.
func newAdminBench(t *testing.T, change ...func(*Config)) *adminBench {
	t.Helper()
	b := &adminBench{hold: newHolder(t), logs: new(logtest.Buffer)}
	level := new(slog.LevelVar)
	cfg := Config{
		Tasks: b.hold.tasks, AdminAddr: "127.0.0.1:0", LibraryDir: filepath.Join(t.TempDir(), "libraries"),
		Logger: slog.New(slog.DiscardHandler), AuditLogger: b.logs.Logger(slog.LevelInfo), LogLevel: level,
		DrainTimeout: time.Second, Version: "v1.2.3",
	}
	for _, change := range change {
		change(&cfg)
	}
	b.Server = listenTest(t, cfg)
	b.stop = serve(t, b.Server)
	b.tasks = newConnect(newTransport(t, 2, nil), baseURL(b.Addr(), false)).SubmitTask
	b.admin = newAdminClient(t, b.Server, 2, nil)
	return b
}

func newAdminClient(
	t *testing.T, s *Server, version int, config *tls.Config, options ...connect.ClientOption,
) adminpbconnect.AdminServiceClient {
	t.Helper()
	return adminpbconnect.NewAdminServiceClient(newTransport(t, version, config), baseURL(s.AdminAddr(), config != nil), options...)
}

// overSocket returns an HTTP client whose every connection is to a Unix socket.
func overSocket(t *testing.T, path string) *http.Client {
	t.Helper()
	client := newTransport(t, 2, nil)
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	return client
}

// get returns what a path of the admin port answers.
func (b *adminBench) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	response, err := newTransport(t, 1, nil).Get(baseURL(b.AdminAddr(), false) + path)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, readAll(t, response)
}

// running submits the task "hold" and returns once it runs.
func (b *adminBench) running(t *testing.T, id string) {
	t.Helper()
	if _, err := b.tasks(t.Context(), &pb.TaskRequest{TaskId: id, Method: "hold", Detached: true}); err != nil {
		t.Fatal(err)
	}
	<-b.hold.started
}

// An eventStream is what a watcher has been told.
type eventStream struct {
	*connect.ServerStreamForClient[adminpb.WatchEventsResponse]
}

// watchEvents returns once the watching has begun.
func watchEvents(t *testing.T, client adminpbconnect.AdminServiceClient, kinds ...adminpb.EventKind) eventStream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	stream, err := client.WatchEvents(ctx, &adminpb.WatchEventsRequest{Kinds: kinds})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		stream.Close()
	})
	stream.ResponseHeader() // waits for it
	return eventStream{stream}
}

// await returns the next event of that kind.
func (s eventStream) await(t *testing.T, kind adminpb.EventKind) *adminpb.WatchEventsResponse {
	t.Helper()
	for s.Receive() {
		if s.Msg().GetKind() == kind {
			return s.Msg()
		}
	}
	t.Fatalf("no %v came: %v", kind, s.Err())
	return nil
}

var library struct {
	once    sync.Once
	file    string
	content []byte
}

// installPlugin puts the example plugin into a library directory, as the plugin
// math.
func installPlugin(t *testing.T, dir string) {
	t.Helper()
	library.once.Do(func() {
		built := plugintest.Compile(t, plugintest.Example(t, "c"))
		content, err := os.ReadFile(built)
		if err != nil {
			t.Fatal(err)
		}
		library.file, library.content = "libmath"+filepath.Ext(built), content
	})
	if library.content == nil {
		t.Skip("there is no C compiler to build a plugin with")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, library.file), library.content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// nonsense is a request for add of what can't be added.
func nonsense(tb testing.TB, id string) *pb.TaskRequest {
	tb.Helper()
	return &pb.TaskRequest{TaskId: id, Method: "add", Args: []*anypb.Any{pack(tb, wrapperspb.String("one"))}}
}
