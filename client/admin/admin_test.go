package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/client/admin"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is a server that answers as a test says.
type script struct {
	adminpbconnect.UnimplementedAdminServiceHandler
	executions func(*adminpb.ListExecutionsRequest) (*adminpb.ListExecutionsResponse, error)
	watch      func(context.Context, *adminpb.WatchEventsRequest, *connect.ServerStream[adminpb.WatchEventsResponse]) error
	token      string // that came with the last call
}

func (s *script) ListExecutions(_ context.Context, r *adminpb.ListExecutionsRequest) (*adminpb.ListExecutionsResponse, error) {
	return s.executions(r)
}

func (s *script) WatchEvents(
	ctx context.Context, r *adminpb.WatchEventsRequest, stream *connect.ServerStream[adminpb.WatchEventsResponse],
) error {
	return s.watch(ctx, r, stream)
}

func (*script) ListTasks(context.Context, *adminpb.ListTasksRequest) (*adminpb.ListTasksResponse, error) {
	return &adminpb.ListTasksResponse{Tasks: []*adminpb.Task{
		{Name: "add", Kind: adminpb.TaskKind_TASK_KIND_SYNC, Calls: 3, Failures: 1, Latency: &adminpb.Latency{
			Mean: durationpb.New(time.Millisecond), Max: durationpb.New(time.Second),
		}},
		{Name: "math::wait", Kind: adminpb.TaskKind_TASK_KIND_ASYNC, Source: "libmath.so", Running: 2},
	}}, nil
}

func (*script) ListPlugins(context.Context, *adminpb.ListPluginsRequest) (*adminpb.ListPluginsResponse, error) {
	return &adminpb.ListPluginsResponse{Plugins: []*adminpb.Plugin{
		{Name: "math", State: adminpb.PluginState_PLUGIN_STATE_SERVING, LoadedAt: timestamppb.New(time.Unix(9, 0))},
		{Name: "later", State: 77},
	}}, nil
}

// start serves s on a listener until the test ends.
func (s *script) start(t *testing.T, listener net.Listener) {
	t.Helper()
	mux := http.NewServeMux()
	path, handler := adminpbconnect.NewAdminServiceHandler(s)
	mux.Handle(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.token = r.Header.Get("Authorization")
		handler.ServeHTTP(w, r)
	}))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: mux, Protocols: protocols}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with the test
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
}

func (s *script) connect(t *testing.T, token string) *admin.Client {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.start(t, listener)
	return dial(t, admin.Config{Addr: listener.Addr().String(), Token: token})
}

func dial(t *testing.T, cfg admin.Config) *admin.Client {
	t.Helper()
	c, err := admin.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAnswersBecomePlainValues(t *testing.T) {
	t.Parallel()
	c := new(script).connect(t, "")
	tasks, err := c.Tasks(t.Context(), "", "")
	if err != nil || len(tasks) != 2 {
		t.Fatalf("got %v, %v", tasks, err)
	}
	if add := tasks[0]; add.Kind != "sync" || add.Calls != 3 || add.Failures != 1 || add.Latency == nil ||
		add.Latency.Mean.Duration != time.Millisecond || add.Latency.Max.Duration != time.Second {
		t.Errorf("got %+v", add)
	}
	if wait := tasks[1]; wait.Kind != "async" || wait.Running != 2 || wait.Latency != nil {
		t.Errorf("got %+v", wait)
	}
	plugins, err := c.Plugins(t.Context())
	if err != nil || len(plugins) != 2 || plugins[0].State != "serving" || !plugins[0].LoadedAt.Equal(time.Unix(9, 0)) ||
		plugins[1].State != "77" || !plugins[1].LoadedAt.IsZero() {
		t.Errorf("got %+v, %v", plugins, err)
	}
}

func TestSocketAndToken(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "admin") //nolint:usetesting // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "socket")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{watch: func(context.Context, *adminpb.WatchEventsRequest, *connect.ServerStream[adminpb.WatchEventsResponse]) error {
		return nil
	}}
	s.start(t, listener)
	c := dial(t, admin.Config{Addr: "unix:" + path, Token: "secret"})
	if _, err := c.Tasks(t.Context(), "", ""); err != nil || s.token != "Bearer secret" {
		t.Errorf("got %v with token %q", err, s.token)
	}
	s.token = ""
	if err := c.Watch(t.Context(), nil, func() {}, nil); err != nil || s.token != "Bearer secret" {
		t.Errorf("watching: got %v with token %q", err, s.token)
	}
}

func TestErrorsTellWhoSaidSo(t *testing.T) {
	t.Parallel()
	s := &script{executions: func(*adminpb.ListExecutionsRequest) (*adminpb.ListExecutionsResponse, error) {
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("no"))
	}}
	c := s.connect(t, "")
	_, err := c.Executions(t.Context(), admin.Filter{})
	if failure, ok := errors.AsType[*task.Error](err); !ok || failure.Code != task.InvalidArgument || failure.Message != "no" {
		t.Errorf("got %v, want the server's INVALID_ARGUMENT", err)
	}
	_, err = c.Executions(t.Context(), admin.Filter{States: []string{"asleep"}})
	if task.ErrorOf(err).Code != task.InvalidArgument || !strings.Contains(err.Error(), `pending, running, succeeded`) {
		t.Errorf("got %v, want the states that there are", err)
	}

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // nobody is there
	_, err = dial(t, admin.Config{Addr: listener.Addr().String()}).Plugins(t.Context())
	if !errors.Is(err, client.ErrUnreachable) || task.ErrorOf(err).Code != task.Unavailable {
		t.Errorf("got %v, want UNAVAILABLE and ErrUnreachable", err)
	}
	for _, addr := range []string{"", "localhost", "unix:", "localhost:"} {
		if _, err := admin.New(admin.Config{Addr: addr}); err == nil {
			t.Errorf("address %q is taken", addr)
		}
	}
}

// The server has ten executions and answers at most three at a time.
func TestExecutionsOfManyPages(t *testing.T) {
	t.Parallel()
	s := &script{executions: func(r *adminpb.ListExecutionsRequest) (*adminpb.ListExecutionsResponse, error) {
		first := 0
		if token := r.GetPageToken(); token != "" {
			first = int(token[0])
		}
		answer := &adminpb.ListExecutionsResponse{UnansweredNodes: []string{"n2"}}
		for i := first; i < min(10, first+3, first+int(r.GetPageSize())); i++ {
			answer.Executions = append(answer.Executions, &adminpb.Execution{Id: fmt.Sprint(i)})
		}
		if next := first + len(answer.GetExecutions()); next < 10 {
			answer.NextPageToken = string(rune(next))
		}
		return answer, nil
	}}
	c := s.connect(t, "")
	for limit, want := range map[int]struct {
		count int
		more  bool
	}{0: {10, false}, 1: {1, true}, 3: {3, true}, 5: {5, true}, 10: {10, false}, 20: {10, false}} {
		list, err := c.Executions(t.Context(), admin.Filter{Limit: limit})
		if err != nil || len(list.Executions) != want.count || list.More != want.more || !slices.Equal(list.Unanswered, []string{"n2"}) {
			t.Errorf("limit %d: got %+v, %v; want %+v", limit, list, err, want)
		}
		for i, x := range list.Executions {
			if x.ID != fmt.Sprint(i) {
				t.Errorf("limit %d: at %d there is %s", limit, i, x.ID)
			}
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	gone := make(chan struct{})
	s := &script{watch: func(
		ctx context.Context, r *adminpb.WatchEventsRequest, stream *connect.ServerStream[adminpb.WatchEventsResponse],
	) error {
		if !slices.Equal(r.GetKinds(), []adminpb.EventKind{
			adminpb.EventKind_EVENT_KIND_LOG_LEVEL_CHANGED, adminpb.EventKind_EVENT_KIND_TASK_ENDED,
		}) {
			t.Errorf("asked for %v", r.GetKinds())
		}
		_ = stream.Send(nil) // the client's side tells
		<-begun
		_ = stream.Send(&adminpb.WatchEventsResponse{
			Kind: adminpb.EventKind_EVENT_KIND_TASK_ENDED, Execution: &adminpb.Execution{Id: "x"}, Missed: 4,
		})
		<-ctx.Done()
		close(gone)
		return ctx.Err()
	}}
	c := s.connect(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	err := c.Watch(ctx, []string{"log_level_changed", "task_ended"}, func() { close(begun) }, func(e admin.Event) error {
		if e.Kind != "task_ended" || e.Execution == nil || e.Execution.ID != "x" || e.Missed != 4 {
			t.Errorf("got %+v", e)
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
	<-gone
}

func TestWatchThatIsRefused(t *testing.T) {
	t.Parallel()
	s := &script{watch: func(context.Context, *adminpb.WatchEventsRequest, *connect.ServerStream[adminpb.WatchEventsResponse]) error {
		return connect.NewError(connect.CodeResourceExhausted, errors.New("too many"))
	}}
	err := s.connect(t, "").Watch(t.Context(), nil, func() {}, nil)
	if failure := task.ErrorOf(err); failure.Code != task.ResourceExhausted || failure.Message != "too many" {
		t.Errorf("got %v, want RESOURCE_EXHAUSTED: too many", err)
	}
	if err := s.connect(t, "").Watch(t.Context(), []string{"rain"}, nil, nil); task.ErrorOf(err).Code != task.InvalidArgument {
		t.Errorf("got %v, want INVALID_ARGUMENT", err)
	}
}
