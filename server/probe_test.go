package server

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/taskscheduler/taskscheduler/admin"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// TestProbes: what those who watch over the server may know, and nothing else,
// with an admin port and without.
func TestProbes(t *testing.T) {
	for _, adminAddr := range []string{"off", "127.0.0.1:0"} {
		t.Run("admin "+adminAddr, func(t *testing.T) {
			b := &adminBench{hold: newHolder(t)}
			b.Server = listenTest(t, Config{
				Tasks: b.hold.tasks, AdminAddr: adminAddr, ProbeAddr: "127.0.0.1:0", LibraryDir: t.TempDir(),
			})
			serve(t, b.Server)
			if _, err := submit(t.Context(), dialGRPC(t, b.Addr(), nil), addition(t)); err != nil {
				t.Fatal(err)
			}
			get := func(path string) (status int, body string) {
				t.Helper()
				response, err := newTransport(t, 1, nil).Get(baseURL(b.ProbeAddr(), false) + path)
				if err != nil {
					t.Fatal(err)
				}
				return response.StatusCode, readAll(t, response)
			}
			for path, want := range map[string]string{
				"/healthz": "ok\n", "/readyz": "ready\n", "/metrics": `taskscheduler_tasks_total{code="OK",method="add"} 1`,
			} {
				if status, body := get(path); status != http.StatusOK || !strings.Contains(body, want) {
					t.Errorf("%s: %d, want %q in %s", path, status, want, body)
				}
			}
			for _, path := range []string{"/", "/taskscheduler.admin.v1.AdminService/GetStatus", "/taskscheduler.TaskScheduler/GetNodeInfo"} {
				if status, _ := get(path); status != http.StatusNotFound {
					t.Errorf("%s: %d, want 404", path, status)
				}
			}
			if adminAddr == "off" {
				return
			}
			if _, err := newAdminClient(t, b.Server, 2, nil).Drain(t.Context(), &adminpb.DrainRequest{}); err != nil {
				t.Fatal(err)
			}
			if status, body := get("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "draining") {
				t.Errorf("while it drains, /readyz: %d %s", status, body)
			}
			if status, _ := get("/healthz"); status != http.StatusOK {
				t.Errorf("while it drains, /healthz: %d", status)
			}
		})
	}
}

func TestNoProbes(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	if s.ProbeAddr() != nil {
		t.Errorf("probes are answered at %v", s.ProbeAddr())
	}
	_, err := Listen(Config{Addr: "127.0.0.1:0", AdminAddr: "off", ProbeAddr: s.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), "Config.ProbeAddr") {
		t.Errorf("a port in use: %v", err)
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
	if code, text := b.get(t, "/nothing"); code != http.StatusNotFound || !strings.Contains(text, admin.Name) {
		t.Errorf("/nothing: %d %s", code, text)
	}
	if code, text := b.get(t, "/"); code != http.StatusOK || !strings.HasPrefix(text, "<!doctype html>") {
		t.Errorf("/: %d %s", code, text)
	}
}
