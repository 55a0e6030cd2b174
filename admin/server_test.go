package admin_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"

	_ "github.com/taskscheduler/taskscheduler/builtin" // registers add
	"github.com/taskscheduler/taskscheduler/client"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) {
	server.BecomePlugin()
	goleak.VerifyTestMain(m)
}

// A running is a server of add and hold, and who talks to it.
type running struct {
	*server.Server

	config  server.Config
	tasks   *client.Client
	admin   adminpbconnect.AdminServiceClient
	started chan struct{} // receives one for each hold that begins
	release func()        // lets every hold end
	audit   logtest.Buffer
}

// run runs a server until the test ends.
func run(t *testing.T, change ...func(*server.Config)) *running {
	t.Helper()
	held, release := context.WithCancel(context.Background())
	t.Cleanup(release)
	r := &running{started: make(chan struct{}, 1000), release: release}
	hold, err := task.NewAsync(func(ctx context.Context) (string, error) {
		r.started <- struct{}{}
		select {
		case <-held.Done():
			return "held", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}, task.Name("hold"))
	if err != nil {
		t.Fatal(err)
	}
	r.config = server.Config{
		Tasks: new(task.Registry), Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		LibraryDir: filepath.Join(t.TempDir(), "libraries"), DrainTimeout: time.Second, Version: "v1.2.3", LogLevel: new(slog.LevelVar),
		PluginLoadTimeout: 2 * time.Minute, // on a busy machine
		Logger:            slog.New(slog.DiscardHandler), AuditLogger: slog.New(slog.NewTextHandler(&r.audit, nil)),
	}
	for _, change := range change {
		change(&r.config)
	}
	if err := r.config.Tasks.Add(hold, task.Default().Lookup("add")); err != nil {
		t.Fatal(err)
	}
	if r.Server, err = server.Listen(r.config); err != nil {
		t.Fatal(err)
	}
	r.serve(t)
	if r.tasks, err = client.New(client.Config{Addr: r.Addr().String(), Attempts: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.tasks.Close)
	if _, err := r.tasks.Node(t.Context()); err != nil { // which waits for the plugins
		t.Fatal(err)
	}
	r.admin = r.client(t, 2)
	return r
}

func (r *running) serve(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// client returns a client that speaks one version of HTTP, 1 or 2.
func (r *running) client(t *testing.T, version int, options ...connect.ClientOption) adminpbconnect.AdminServiceClient {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version == 1)
	transport.Protocols.SetUnencryptedHTTP2(version == 2)
	t.Cleanup(transport.CloseIdleConnections)
	return adminpbconnect.NewAdminServiceClient(&http.Client{Transport: transport}, "http://"+r.AdminAddr().String(), options...)
}

// hold has a task of this id run until it is released or cancelled.
func (r *running) hold(t *testing.T, id string) {
	t.Helper()
	if _, err := r.tasks.Submit(t.Context(), client.Task{ID: id, Method: "hold"}); err != nil {
		t.Fatal(err)
	}
	<-r.started
}

// add has a task of this id succeed, or fail when it gets a word to add.
func (r *running) add(t *testing.T, id string, args ...any) error {
	t.Helper()
	_, err := r.tasks.RunTask(t.Context(), client.Task{ID: id, Method: "add", Args: args})
	return err
}

// An eventStream is what a watcher has been told.
type eventStream struct {
	*connect.ServerStreamForClient[adminpb.WatchEventsResponse]
}

// watchEvents returns once the watching has begun.
func watchEvents(t *testing.T, client adminpbconnect.AdminServiceClient, kinds ...adminpb.EventKind) eventStream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
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

// A library is a plugin's file.
type library struct {
	file    string
	content []byte
}

// installPlugin puts the example plugin into a directory, as the plugin math.
func installPlugin(t *testing.T, dir string) library {
	t.Helper()
	built := plugintest.Compile(t, plugintest.Example(t, "c"))
	content, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	installed := library{"libmath" + filepath.Ext(built), content}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, installed.file), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return installed
}
