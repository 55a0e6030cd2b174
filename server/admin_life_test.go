package server

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/taskscheduler/taskscheduler/admin"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/service"
)

func TestDrainIsSeenEverywhere(t *testing.T) {
	b := newAdminBench(t)
	<-b.plugins.Ready()
	main, control := dialGRPC(t, b.Addr(), nil), dialGRPC(t, b.AdminAddr(), nil)
	watched := watch(t, main)
	serving, notServing := healthpb.HealthCheckResponse_SERVING, healthpb.HealthCheckResponse_NOT_SERVING
	expect := func(draining bool) {
		t.Helper()
		want, code, taken := serving, http.StatusOK, codes.OK
		if draining {
			want, code, taken = notServing, http.StatusServiceUnavailable, codes.Unavailable
		}
		for conn, services := range map[healthpb.HealthClient][]string{
			healthpb.NewHealthClient(main):    {"", service.Name},
			healthpb.NewHealthClient(control): {"", service.Name},
		} {
			for _, name := range services {
				if got, err := conn.Check(t.Context(), &healthpb.HealthCheckRequest{Service: name}); err != nil || got.GetStatus() != want {
					t.Errorf("health of %q: %v, %v; want %v", name, got, err, want)
				}
			}
		}
		own, err := healthpb.NewHealthClient(control).Check(t.Context(), &healthpb.HealthCheckRequest{Service: admin.Name})
		if err != nil || own.GetStatus() != serving {
			t.Errorf("health of the admin service: %v, %v", own, err)
		}
		if got, body := b.get(t, "/readyz"); got != code {
			t.Errorf("/readyz: %d %s, want %d", got, body, code)
		}
		if got, body := b.get(t, "/healthz"); got != http.StatusOK {
			t.Errorf("/healthz: %d %s", got, body)
		}
		if _, err := submit(t.Context(), main, addition(t)); status.Code(err) != taken {
			t.Errorf("SubmitTask: %v, want %v", err, taken)
		}
		if got, err := b.admin.GetStatus(t.Context(), &adminpb.GetStatusRequest{}); err != nil || got.GetDraining() != draining {
			t.Errorf("GetStatus: %v, %v", got, err)
		}
	}
	expect(false)
	b.running(t, "held")
	for range 2 { // the second time changes nothing
		if got, err := b.admin.Drain(t.Context(), &adminpb.DrainRequest{}); err != nil || got.GetLeft() != 1 {
			t.Fatalf("Drain: %v, %v", got, err)
		}
	}
	if got, err := watched.Recv(); err != nil || got.GetStatus() != notServing {
		t.Errorf("who watches the health: %v, %v", got, err)
	}
	expect(true)
	if _, err := b.admin.Resume(t.Context(), &adminpb.ResumeRequest{}); err != nil {
		t.Fatal(err)
	}
	if got, err := watched.Recv(); err != nil || got.GetStatus() != serving {
		t.Errorf("who watches the health: %v, %v", got, err)
	}
	expect(false)
}

// TestShutdownEndsAdmin: operators see a shutdown to its end, and can't undo it.
func TestShutdownEndsAdmin(t *testing.T) {
	b := newAdminBench(t)
	events := watchEvents(t, b.admin, adminpb.EventKind_EVENT_KIND_TASK_ENDED)
	b.running(t, "held")
	watched := watch(t, dialGRPC(t, b.AdminAddr(), nil))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		b.stop()
	}()
	if _, err := watched.Recv(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.admin.Resume(t.Context(), &adminpb.ResumeRequest{}); connect.CodeOf(err) != connect.CodeFailedPrecondition {
		t.Errorf("Resume while the server stops: %v", err)
	}
	b.hold.release()
	if ended := events.await(t, adminpb.EventKind_EVENT_KIND_TASK_ENDED); ended.GetExecution().GetId() != "held" {
		t.Errorf("got %v", ended)
	}
	if events.Receive() || connect.CodeOf(events.Err()) != connect.CodeUnavailable {
		t.Errorf("the stream ended with %v", events.Err())
	}
	<-stopped
}

// TestEventsOfAStuckWatcher: it holds nobody up, and is told what it missed.
func TestEventsOfAStuckWatcher(t *testing.T) {
	b := newAdminBench(t)
	events := watchEvents(t, newAdminClient(t, b.Server, 2, nil, connect.WithAcceptCompression("gzip", nil, nil)))
	const burst = 2000 // too much for all buffers on the way
	long := strings.Repeat("x", 32<<10)
	for range burst {
		b.feed.Publish(stats.Event{Time: time.Now(), Kind: stats.PluginCrashed, Message: long})
	}
	var got, missed uint64
	for marker := uint64(0); ; marker++ { // one for each event taken, until the first comes through
		if !events.Receive() {
			t.Fatal(events.Err())
		}
		missed += events.Msg().GetMissed()
		if events.Msg().GetKind() == adminpb.EventKind_EVENT_KIND_RESUMED {
			before, err := strconv.ParseUint(events.Msg().GetMessage(), 10, 64)
			if err != nil || got+missed != burst+before || missed == 0 {
				t.Errorf("before marker %d it got %d and was told that it missed %d, want %d in all (%v)", before, got, missed, burst+before, err)
			}
			return
		}
		got++
		b.feed.Publish(stats.Event{Time: time.Now(), Kind: stats.Resumed, Message: strconv.FormatUint(marker, 10)})
	}
}

func TestAudit(t *testing.T) {
	b := newAdminBench(t, func(cfg *Config) { cfg.LogLevel = nil })
	<-b.plugins.Ready()
	b.running(t, "held")
	ctx := t.Context()
	for _, change := range []func() error{
		func() error { _, err := b.admin.LoadPlugin(ctx, &adminpb.LoadPluginRequest{Name: "math"}); return err },
		func() error {
			_, err := b.admin.UnloadPlugin(ctx, &adminpb.UnloadPluginRequest{Name: "../x"})
			return err
		},
		func() error { _, err := b.admin.ReloadPlugin(ctx, &adminpb.ReloadPluginRequest{}); return err },
		func() error {
			_, err := b.admin.CancelExecution(ctx, &adminpb.CancelExecutionRequest{Id: "held"})
			return err
		},
		func() error {
			_, err := b.admin.CancelExecution(ctx, &adminpb.CancelExecutionRequest{Id: "who?"})
			return err
		},
		func() error { _, err := b.admin.Drain(ctx, &adminpb.DrainRequest{}); return err },
		func() error { _, err := b.admin.Resume(ctx, &adminpb.ResumeRequest{}); return err },
		func() error {
			_, err := b.admin.SetLogLevel(ctx, &adminpb.SetLogLevelRequest{Level: "warn"})
			return err
		},
		// What only looks leaves no line.
		func() error { _, err := b.admin.GetStatus(ctx, &adminpb.GetStatusRequest{}); return err },
		func() error { _, err := b.admin.ListPlugins(ctx, &adminpb.ListPluginsRequest{}); return err },
	} {
		_ = change() // as the line says
	}
	lines := strings.Split(strings.TrimSpace(b.logs.String()), "\n")
	want := []string{
		`action="load plugin" target=math result="no file in `,
		`action="unload plugin" target=../x result="\"../x\" is no plugin's name`,
		`action="reload plugin" target=(all) result=ok plugins=0`,
		`action="cancel execution" target=held result=ok`,
		`action="cancel execution" target=who? result="no task of this id is known"`,
		`action=drain target="" result=ok`,
		`action=resume target="" result=ok`,
		`action="set log level" target=warn result="this program's log level can't be changed"`,
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), b.logs)
	}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) || !strings.Contains(line, "msg=audit who=127.0.0.1:") {
			t.Errorf("line %d: %s\nwant %s", i, line, want[i])
		}
	}
}

func TestMetrics(t *testing.T) {
	b := newAdminBench(t)
	for range 2 {
		if _, err := b.tasks(t.Context(), addition(t)); err != nil {
			t.Fatal(err)
		}
	}
	for _, request := range []*pb.TaskRequest{nonsense(t, ""), {Method: "no such method"}} {
		if _, err := b.tasks(t.Context(), request); err == nil {
			t.Fatal("nonsense succeeded")
		}
	}
	b.running(t, "held")
	code, text := b.get(t, "/metrics")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, text)
	}
	for _, line := range []string{
		`taskscheduler_tasks_total{code="OK",method="add"} 2`,
		`taskscheduler_tasks_total{code="INVALID_ARGUMENT",method="add"} 1`,
		`taskscheduler_task_duration_seconds_count{method="add"} 3`,
		`taskscheduler_tasks_running 1`,
		`taskscheduler_draining 0`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	if strings.Contains(text, "no such method") {
		t.Error("a method that is not registered has a series")
	}
	problems, err := promlint.New(bytes.NewBufferString(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	if code, text := b.get(t, "/"); code != http.StatusNotFound || !strings.Contains(text, admin.Name) {
		t.Errorf("/: %d %s", code, text)
	}
}

func TestAdminReflection(t *testing.T) {
	b := newAdminBench(t)
	stream, err := reflection.NewServerReflectionClient(dialGRPC(t, b.AdminAddr(), nil)).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{admin.Name, "grpc.health.v1.Health"} {
		if err := stream.Send(&reflection.ServerReflectionRequest{
			MessageRequest: &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name},
		}); err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Recv()
		if err != nil || len(answer.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
}
