package server

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// TestNoTaskIsMissingAtTheStart: a client that gets an answer finds the plugins'
// tasks; NOT_FOUND, which no client tries again, would be wrong.
func TestNoTaskIsMissingAtTheStart(t *testing.T) {
	dir := t.TempDir()
	installPlugin(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "libbroken"+filepath.Ext(library.file)), []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newAdminBench(t, func(cfg *Config) { cfg.LibraryDir = dir })
	answered := make(chan error, 1)
	go func() {
		_, err := submit(t.Context(), dialGRPC(t, b.Addr(), nil), &pb.TaskRequest{Method: "math::multiply"})
		answered <- err
	}()
	operators := healthpb.NewHealthClient(dialGRPC(t, b.AdminAddr(), nil))
	for serving := false; !serving; {
		before, err := operators.Check(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		code, body := b.get(t, "/readyz")
		after, err := operators.Check(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		serving = before.GetStatus() == healthpb.HealthCheckResponse_SERVING
		if before.GetStatus() == after.GetStatus() && (code == http.StatusOK) != serving {
			t.Errorf("/readyz says %d %s, health checks say %v", code, body, before)
		}
		select {
		case <-b.plugins.Ready():
		default:
			if serving {
				t.Error("the server is healthy before its plugins are loaded")
			}
		}
	}
	if err := <-answered; err != nil {
		t.Errorf("a call at the start: %v", err)
	}
}

// TestWatchdogSeesWhatRuns: what a service manager is told.
func TestWatchdogSeesWhatRuns(t *testing.T) {
	b := newAdminBench(t)
	<-b.Ready()
	if pending, running, err := b.Check(t.Context()); pending != 0 || running != 0 || err != nil {
		t.Errorf("of an idle server it sees %d, %d, %v", pending, running, err)
	}
	ended := make(chan error, 1)
	conn := dialGRPC(t, b.Addr(), nil)
	go func() {
		_, err := submit(t.Context(), conn, &pb.TaskRequest{Method: "hold"})
		ended <- err
	}()
	<-b.hold.started
	if pending, running, err := b.Check(t.Context()); pending != 0 || running != 1 || err != nil {
		t.Errorf("while a task runs it sees %d, %d, %v", pending, running, err)
	}
	b.hold.release()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
