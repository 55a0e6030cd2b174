package admin

import (
	"bytes"
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/taskscheduler/taskscheduler/client/admin"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
)

var update = flag.Bool("update", false, "write what is printed to testdata/golden, rather than compare")

func TestShortSource(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"libmath.so": "libmath.so", "/home/me/tasks/add.go:7": "tasks/add.go:7", "": "-",
	} {
		if got := shortSource(source); got != want {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
}

// showcase is a server on which everything is worth seeing.
type showcase struct {
	adminpbconnect.UnimplementedAdminServiceHandler
}

// at is a time that prints the same wherever the test runs.
func at(second int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 1, 2, 15, 4, second, 250_000_000, time.Local))
}

const someHash = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"

func (showcase) ListTasks(context.Context, *adminpb.ListTasksRequest) (*adminpb.ListTasksResponse, error) {
	return &adminpb.ListTasksResponse{Tasks: []*adminpb.Task{
		{
			Name: "add", Kind: adminpb.TaskKind_TASK_KIND_SYNC, Source: "/src/builtin/arithmetic.go:10",
			Calls: 1234567, Failures: 89, Cancelled: 1, Running: 2, Pending: 30,
			Latency: &adminpb.Latency{
				Mean: durationpb.New(1234), P50: durationpb.New(1100), P99: durationpb.New(45678), Max: durationpb.New(2 * time.Second),
			},
		},
		{Name: "math::wait", Kind: adminpb.TaskKind_TASK_KIND_ASYNC, Source: "libmath.so", PluginVersion: someHash},
	}}, nil
}

func (showcase) ListPlugins(context.Context, *adminpb.ListPluginsRequest) (*adminpb.ListPluginsResponse, error) {
	return &adminpb.ListPluginsResponse{Plugins: []*adminpb.Plugin{
		{
			Name: "bad", File: "libbad.so", State: adminpb.PluginState_PLUGIN_STATE_FAILED,
			LastError: "plugin bad: it exports\x1b[2Jno init_plugin\nnor anything else",
		},
		{
			Name: "math", File: "libmath.so", State: adminpb.PluginState_PLUGIN_STATE_SERVING, Sha256: someHash,
			Tasks: []string{"math::multiply", "math::wait"}, Pid: 4711, MemoryBytes: 12_345_678, Restarts: 3, LoadedAt: at(5),
			MissingProtections: []string{"landlock: the kernel lacks it"},
		},
	}}, nil
}

func (showcase) ListExecutions(context.Context, *adminpb.ListExecutionsRequest) (*adminpb.ListExecutionsResponse, error) {
	return &adminpb.ListExecutionsResponse{NextPageToken: "more", UnansweredNodes: []string{"n3"}, Executions: []*adminpb.Execution{
		{Id: "late", NodeId: "n2", Method: "fibonacci", State: adminpb.ExecutionState_EXECUTION_STATE_PENDING, Detached: true, SubmittedAt: at(9)},
		{
			Id: "wrong", NodeId: "n1", Method: "add", State: adminpb.ExecutionState_EXECUTION_STATE_FAILED, Code: "INVALID_ARGUMENT", Overdue: true,
			Message:     "argument 1: want int32, got " + strings.Repeat("very ", 30) + "long",
			SubmittedAt: at(7), StartedAt: at(8), EndedAt: at(8), Duration: durationpb.New(123456 * time.Nanosecond),
		},
	}}, nil
}

func (showcase) GetExecution(_ context.Context, request *adminpb.GetExecutionRequest) (*adminpb.GetExecutionResponse, error) {
	return &adminpb.GetExecutionResponse{
		NodeId: "n1", Source: "libmath.so", PluginSha256: someHash, Caller: "CN=billing",
		States: []*adminpb.StateChange{
			{State: adminpb.ExecutionState_EXECUTION_STATE_PENDING, Time: at(6)},
			{State: adminpb.ExecutionState_EXECUTION_STATE_RUNNING, Time: at(7)},
			{State: adminpb.ExecutionState_EXECUTION_STATE_PENDING},
			{State: adminpb.ExecutionState_EXECUTION_STATE_FAILED, Time: at(8)},
		},
		Lines:        []*adminpb.LogLine{{Time: at(7), Level: 4, Text: "slow\x1b[2J\ndisk"}, {Time: at(8), Text: "second"}},
		LinesLeftOut: 3,
		Execution: &adminpb.Execution{
			Id: request.GetId(), Method: "math::wait", State: adminpb.ExecutionState_EXECUTION_STATE_FAILED, Code: "DEADLINE_EXCEEDED",
			Message: "it took longer than 1s", Detached: true, Attempt: 1, Overdue: true, Plugin: "math",
			SubmittedAt: at(6), StartedAt: at(7), EndedAt: at(8), Duration: durationpb.New(time.Second),
			Labels:   map[string]string{"team": "a", "shift": "late night"},
			Progress: &adminpb.Progress{Fraction: 0.75, Note: "three\nquarters", Time: at(8)},
		},
	}, nil
}

func (showcase) ListNodes(context.Context, *adminpb.ListNodesRequest) (*adminpb.ListNodesResponse, error) {
	return &adminpb.ListNodesResponse{
		Nodes: []*adminpb.Node{
			{
				Id: "n1", Address: "10.0.0.1:50051", Version: "v1.2.3", Alive: true, SeenAt: at(1), Self: true, Pending: 4, Running: 5, Kept: 3,
				Methods: 11, DiskFreeBytes: 1 << 30, DiskBytes: 3 << 20,
			},
			{
				Id: "n2", Address: "10.0.0.2:50051", Version: "v1.2.4", Alive: true, SeenAt: at(2), Draining: true, Methods: 12,
				Leader: true, DiskBytes: 3 << 20,
			},
			{Id: "n3", Address: "10.0.0.3:50051", Version: "v1.2.4", SeenAt: at(3), Lag: 70, DiskBytes: 1 << 20},
			{Id: "n5", Address: "10.0.0.5:50051", Version: "v1.2.4", SeenAt: at(1), TakenOver: true},
			{Id: "n6", Address: "10.0.0.6:50051", Version: "v1.2.4", SeenAt: at(1), TakenOver: true, Left: true},
			{Id: "n7", Alive: true, Starting: true, SeenAt: at(9)},
			{Id: "n\x1b[2J4", Alive: true, SeenAt: at(4), Version: "v1.2.4"},
		},
		UnansweredNodes: []string{"n\x1b[2J4"},
		Streams: []*adminpb.StoredStream{
			{Name: "results", Messages: 1000, Bytes: 3 << 20, Leader: "n2", Copies: []*adminpb.StoredCopy{
				{Server: "n2", Current: true}, {Server: "n1", Current: true}, {Server: "n3", Lag: 70, Offline: true},
			}},
			{Name: "queue", Messages: 3, Bytes: 900, Copies: []*adminpb.StoredCopy{{Server: "n1", Lag: 2}}},
			{Name: "nodes", Messages: 4, Bytes: 400},
		},
		StreamsError: "stream queue: no answer",
	}, nil
}

func (showcase) GetStatus(context.Context, *adminpb.GetStatusRequest) (*adminpb.GetStatusResponse, error) {
	return &adminpb.GetStatusResponse{
		NodeId: "n1", Version: "v1.2.3", GoVersion: "go1.26.7", StartedAt: at(1), Uptime: durationpb.New(26 * time.Hour),
		Draining: true, LogLevel: "warn", PendingTasks: 4, RunningTasks: 5, ArgumentBytes: 6 << 20, OverdueTasks: 3,
		WaitingToStart: 1, BackingOff: 2, DeadLetters: 3, DeadLetterBytes: 4 << 10,
		Succeeded: 7, Failed: 8, Cancelled: 9, Results: 10, Tasks: 11, Plugins: 12, MemoryBytes: 13 << 20, Goroutines: 14,
		Limits: map[string]string{"max-wait": "5m0s", "max-arguments": "10000"},
	}, nil
}

// newSession returns a session with a server that is a showcase.
func newSession(t *testing.T) *Session {
	t.Helper()
	return sessionOf(t, showcase{})
}

// sessionOf begins one with a server.
func sessionOf(t *testing.T, service adminpbconnect.AdminServiceHandler) *Session {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(adminpbconnect.NewAdminServiceHandler(service))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: mux, Protocols: protocols, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with the test
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
	client, err := admin.New(admin.Config{Addr: listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &Session{Client: client, Addr: listener.Addr().String(), Out: io.Discard, Err: io.Discard}
}

// TestWhatOperatorsSee compares all that is printed of a server, for people and
// as JSON, with testdata/golden.
func TestWhatOperatorsSee(t *testing.T) {
	t.Parallel()
	session := newSession(t)
	for _, command := range []string{"list", "plugins", "executions --limit 2", "execution wrong\u202eid", "status", "cluster"} {
		for form, ending := range map[string]string{"": ".txt", "--json": ".json"} {
			var printed bytes.Buffer
			session.Out = &printed
			if err := session.RunLine(t.Context(), strings.Fields(command+" "+form)); err != nil {
				t.Errorf("%s %s: %v", command, form, err)
			}
			word, _, _ := strings.Cut(command, " ")
			golden(t, "admin_"+word+ending, inUTC(printed.Bytes()))
		}
	}
}

// inUTC replaces the local zone's idea of the times in JSON.
func inUTC(text []byte) []byte {
	for second := range 10 {
		moment := at(second).AsTime()
		text = bytes.ReplaceAll(text, []byte(moment.Format(time.RFC3339Nano)),
			[]byte(moment.Local().Format("2006-01-02T15:04:05.999999999")+"Z"))
	}
	return text
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
