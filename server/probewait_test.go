package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"connectrpc.com/connect"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/task"
)

// A waiter is a node that waits for the others of its cluster.
type waiter struct {
	probes string // URL
	admin  string // the operators'
	client *http.Client
	addrs  []string // of all nodes, its own first
	node   *Server  // what it has become, or err; both once ended is closed
	err    error
	ended  chan struct{}
}

// startWaiter starts one; it gives up when ctx ends.
func startWaiter(ctx context.Context, t *testing.T) *waiter {
	t.Helper()
	probes, admin := natstest.FreeAddr(t), natstest.FreeAddr(t)
	w := &waiter{
		probes: "http://" + probes, admin: admin, client: newTransport(t, 1, nil), ended: make(chan struct{}),
		addrs: []string{natstest.FreeAddr(t), natstest.FreeAddr(t), natstest.FreeAddr(t)},
	}
	w.client.Timeout = 2 * soon
	cfg := Config{
		Addr: "127.0.0.1:0", AdminAddr: admin, ProbeAddr: probes, LibraryDir: t.TempDir(), Tasks: new(task.Registry),
		DataDir: t.TempDir(), ClusterListen: w.addrs[0], ClusterJoin: w.addrs, Logger: slog.New(slog.DiscardHandler),
	}
	go func() {
		defer close(w.ended)
		w.node, w.err = ListenContext(ctx, cfg)
	}()
	return w
}

// expect asks the probe port, once it is open, and wants an answer that contains text.
func (w *waiter) expect(t *testing.T, path string, status int, text string) {
	t.Helper()
	for {
		response, err := w.client.Get(w.probes + path)
		if errors.Is(err, syscall.ECONNREFUSED) {
			select {
			case <-w.ended:
				t.Fatalf("the node is not there: %v", w.err)
			default:
				continue // it is about to listen
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if body := readAll(t, response); response.StatusCode != status || !strings.Contains(body, text) {
			t.Errorf("%s: %d %s, want %d %s", path, response.StatusCode, body, status, text)
		}
		return
	}
}

// TestOperatorsOfANodeThatWaits are told what is waited for.
func TestOperatorsOfANodeThatWaits(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	w := startWaiter(ctx, t)
	w.expect(t, "/readyz", http.StatusServiceUnavailable, "") // the admin port is opened before, and answers after
	client := adminpbconnect.NewAdminServiceClient(w.client, "http://"+w.admin, connect.WithGRPC())
	_, err := client.ListNodes(t.Context(), &adminpb.ListNodesRequest{})
	if connect.CodeOf(err) != connect.CodeUnavailable || !strings.Contains(err.Error(), "this node waits for the other nodes of its cluster") {
		t.Errorf("an rpc: %v", err)
	}
	w.probes = "http://" + w.admin
	w.expect(t, "/", http.StatusServiceUnavailable, "waits for the other nodes")
	w.expect(t, "/healthz", http.StatusOK, "ok\n")
	stop()
	<-w.ended
}

// TestProbesOfANodeThatWaits: it is alive, and not ready, so nothing that watches over it
// ends it; with the others it becomes ready.
func TestProbesOfANodeThatWaits(t *testing.T) {
	w := startWaiter(t.Context(), t)
	w.expect(t, "/healthz", http.StatusOK, "ok\n")
	w.expect(t, "/readyz", http.StatusServiceUnavailable, "waits for the other nodes of its cluster")
	w.expect(t, "/metrics", http.StatusServiceUnavailable, "waits for the other nodes of its cluster")
	w.expect(t, "/", http.StatusNotFound, "/readyz")
	next := 0
	serveOthers(t, make([]Config, 2), func(other *Config) {
		next++
		other.DataDir, other.ClusterListen, other.ClusterJoin = t.TempDir(), w.addrs[next], w.addrs
	})
	if <-w.ended; w.err != nil {
		t.Fatal(w.err)
	}
	serve(t, w.node)
	<-w.node.Ready()
	w.expect(t, "/healthz", http.StatusOK, "ok\n")
	w.expect(t, "/readyz", http.StatusOK, "ready\n")
	w.expect(t, "/metrics", http.StatusOK, "taskscheduler_draining 0")
}

// TestProbesEndWithANodeThatWaits when it gives up.
func TestProbesEndWithANodeThatWaits(t *testing.T) {
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	w := startWaiter(ctx, t)
	w.expect(t, "/healthz", http.StatusOK, "ok\n")
	giveUp()
	if <-w.ended; !errors.Is(w.err, context.Canceled) {
		t.Errorf("it gives up with %v", w.err)
	}
	if response, err := w.client.Get(w.probes + "/healthz"); err == nil {
		t.Errorf("the port is open still: %s", response.Status)
		_ = response.Body.Close()
	}
}
