package server

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/task"
)

// withTalk puts the plugin "talk" into the library directory, built as a library
// or as a WebAssembly module.
func withTalk(t *testing.T, compile func(testing.TB, string) string) func(*Config) {
	t.Helper()
	built := compile(t, filepath.Join("testdata", "talk.c"))
	content, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	return func(cfg *Config) {
		if err := os.MkdirAll(cfg.LibraryDir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(cfg.LibraryDir, filepath.Base(built)), content, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg.TaskLogMemory = 1 << 20
		cfg.PluginLoadTimeout = time.Minute
	}
}

// details runs a task and returns all that operators can see of it.
func (b *adminBench) details(t *testing.T, request *pb.TaskRequest) *adminpb.GetExecutionResponse {
	t.Helper()
	if _, err := b.tasks(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	x, err := b.admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: request.GetTaskId()})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWhatPluginsSayIsKeptWithTheirExecutions(t *testing.T) {
	for name, compile := range map[string]func(testing.TB, string) string{"native": plugintest.Compile, "wasm": plugintest.CompileWASM} {
		t.Run(name, func(t *testing.T) {
			b := newAdminBench(t, withTalk(t, compile))
			for _, id := range []string{"a", "b"} {
				x := b.details(t, &pb.TaskRequest{TaskId: id, Method: "talk::say"})
				p, lines := x.GetExecution().GetProgress(), x.GetLines()
				if p.GetFraction() != 0.5 || p.GetNote() != "half" || len(lines) != 2 ||
					lines[0].GetText() != "beginning" || lines[1].GetText() != "nearly there" || lines[1].GetLevel() != 4 {
					t.Errorf("got %v", x)
				}
				if x.GetExecution().GetPlugin() != "talk" || len(x.GetPluginSha256()) != 64 || x.GetCaller() != "127.0.0.1" {
					t.Errorf("got %v", x)
				}
			}
			x := b.details(t, &pb.TaskRequest{TaskId: "c", Method: "talk::lie"})
			if p := x.GetExecution().GetProgress(); p.GetFraction() != 0 || p.GetNote() != "minus" { // the nearest to -1
				t.Errorf("got %v", p)
			}
			if lines := x.GetLines(); len(lines) != 2 || len(lines[0].GetText()) > 5000 || lines[1].GetText() != "\uFFFD" {
				t.Errorf("%d lines: %.100v", len(lines), lines)
			}
			if x := b.details(t, &pb.TaskRequest{TaskId: "d", Method: "talk::say"}); len(x.GetLines()) != 2 {
				t.Errorf("after the lies: %v", x)
			}
		})
	}
}

func TestAFloodIsBounded(t *testing.T) {
	b := newAdminBench(t, withTalk(t, plugintest.Compile))
	b.details(t, &pb.TaskRequest{TaskId: "warm", Method: "talk::say"})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	all := 0
	for _, id := range []string{"a", "b", "c", "d"} {
		x := b.details(t, &pb.TaskRequest{TaskId: id, Method: "talk::flood"})
		size := 0
		for _, line := range x.GetLines() {
			size += len(line.GetText())
		}
		if all += size; size > 64<<10 {
			t.Errorf("%d bytes of lines are kept", size)
		}
	}
	if all == 0 {
		t.Error("no line is kept")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the server has grown by %d KiB", grown>>10)
	}
}

// talkative adds a Go task that says something and then waits.
func talkative(t *testing.T, b *holder) {
	t.Helper()
	talk, err := task.NewAsync(func(ctx context.Context, _ string, _ []byte) error {
		task.Progress(ctx, 0.25, "a quarter")
		task.Logger(ctx).With("customer", 7).Info("looking")
		b.started <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}, task.Name("talk"))
	if err == nil {
		err = b.tasks.Add(talk)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestOperatorsSeeAllOfAnExecution(t *testing.T) {
	b := newAdminBench(t, func(cfg *Config) { cfg.KeepArguments = true })
	talkative(t, b.hold)
	events := watchEvents(t, b.admin)
	logged := watchEvents(t, b.admin, adminpb.EventKind_EVENT_KIND_TASK_LOGGED)
	for _, team := range []string{"a", "b"} {
		request := &pb.TaskRequest{TaskId: team, Method: "talk", Detached: true, Labels: map[string]string{"team": team, "shift": "night"}}
		request.Args = append(request.Args, pack(t, wrapperspb.String("hello")), pack(t, wrapperspb.Bytes(make([]byte, 1<<20))))
		if _, err := b.tasks(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		<-b.hold.started
	}
	if e := events.await(t, adminpb.EventKind_EVENT_KIND_TASK_PROGRESS); e.GetExecution().GetProgress().GetNote() != "a quarter" ||
		e.GetExecution().GetId() != "a" {
		t.Errorf("event %v", e)
	}
	if e := logged.await(t, adminpb.EventKind_EVENT_KIND_TASK_LOGGED); e.GetMessage() != "looking customer=7" {
		t.Errorf("event %v", e)
	}
	b.wantFound(t, map[string]string{"shift": "night"}, "b", "a")
	if _, err := newConnect(newTransport(t, 2, nil), baseURL(b.Addr(), false)).
		CancelTask(t.Context(), &pb.CancelRequest{TaskId: "a"}); err != nil {
		t.Fatal(err)
	}
	events.await(t, adminpb.EventKind_EVENT_KIND_TASK_ENDED)
	b.wantFound(t, map[string]string{"team": "a"}, "a")
	b.wantFound(t, map[string]string{"team": "b", "shift": "night"}, "b")
	b.wantFound(t, map[string]string{"team": "b", "shift": "day"})

	for _, arguments := range []bool{false, true} {
		x, err := b.admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: "a", Arguments: arguments})
		if err != nil {
			t.Fatal(err)
		}
		if (x.Arguments != nil) != arguments || arguments && (!strings.HasPrefix(x.GetArguments(), `["hello","AAAA`) || len(x.GetArguments()) > 8<<10) {
			t.Errorf("arguments: %.50v", x.GetArguments())
		}
		states := make([]adminpb.ExecutionState, 0, 3)
		for _, change := range x.GetStates() {
			states = append(states, change.GetState())
		}
		want := []adminpb.ExecutionState{
			adminpb.ExecutionState_EXECUTION_STATE_PENDING, adminpb.ExecutionState_EXECUTION_STATE_RUNNING,
			adminpb.ExecutionState_EXECUTION_STATE_CANCELLED,
		}
		if !slices.Equal(states, want) || x.GetLines()[0].GetText() != "looking customer=7" || x.GetCaller() != "127.0.0.1" ||
			x.GetExecution().GetLabels()["team"] != "a" || strings.Contains(b.logs.String(), "show arguments") != arguments ||
			x.GetExecution().GetProgress().GetFraction() != 0.25 {
			t.Errorf("got %.500v", x)
		}
	}
}

// wantFound makes sure which executions have these labels.
func (b *adminBench) wantFound(t *testing.T, labels map[string]string, ids ...string) {
	t.Helper()
	list, err := b.admin.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, x := range list.GetExecutions() {
		found = append(found, x.GetId())
	}
	if !slices.Equal(found, ids) {
		t.Errorf("%v: found %q, want %q", labels, found, ids)
	}
}

func TestArgumentsAreNotKeptUnasked(t *testing.T) {
	b := newAdminBench(t)
	b.running(t, "a")
	_, err := b.admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: "a", Arguments: true})
	if connect.CodeOf(err) != connect.CodeFailedPrecondition || !strings.Contains(err.Error(), "Config.KeepArguments") {
		t.Errorf("got %v", err)
	}
}
