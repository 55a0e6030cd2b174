package server

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/taskscheduler/taskscheduler/admin"
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
