package cluster_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// startEmbedded is start for three nodes that are their own NATS servers.
func startEmbedded(t *testing.T, change func(*server.Config), tasks ...func(node string) *task.Task) cluster {
	t.Helper()
	addrs := []string{natstest.FreeAddr(t), natstest.FreeAddr(t), natstest.FreeAddr(t)}
	c := make(cluster, len(addrs))
	var all sync.WaitGroup
	for i, addr := range addrs { // at a time: one alone is no majority
		all.Go(func() {
			c[i] = serve(t, string(rune('a'+i)), func(cfg *server.Config) {
				cfg.DataDir, cfg.ClusterListen, cfg.ClusterJoin = t.TempDir(), addr, addrs
				change(cfg)
			}, tasks)
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	t.Cleanup(func() { // at a time as well
		for _, n := range c {
			all.Go(n.stop)
		}
		all.Wait()
	})
	c.settle(t)
	return c
}

// TestNodesOfTheirOwn: three nodes with data directories forward, wait for each other's
// tasks, show operators how they are, and take over what one of them had.
func TestNodesOfTheirOwn(t *testing.T) {
	g := newGate()
	c := startEmbedded(t, func(cfg *server.Config) { cfg.AdminAddr = "127.0.0.1:0" }, g.on("bc"))
	held, err := c[0].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "held", Method: "hold", Detached: true})
	if err != nil {
		t.Fatal(err)
	}
	first := <-g.began
	if held.GetNodeId() != first {
		t.Errorf("got %v; it runs on %s", held, first)
	}
	for id, request := range map[string]*pb.TaskRequest{
		"after":  {Method: "echo_string", Deps: []string{"held"}, InjectDependencyResults: true},
		"before": {Method: "only_a", Deps: []string{"later"}, DependencyTimeoutMs: 600_000},
	} {
		request.TaskId, request.Detached = id, true
		if _, err := c[0].SubmitTask(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	asked := c[0].operators(t)
	until(t, "one of them leads, and all have all", func() bool { return isWhole(t, asked) })
	text := c[0].metrics(t)
	for _, line := range []string{
		"peers_alive 2", "peers_gone 0", "streams_known 1",
		`stream_copies{stream="task_scheduler_results"} 3`, `stream_led{stream="task_scheduler_queue"} 1`,
	} {
		if !strings.Contains(text, "\ntaskscheduler_cluster_"+line+"\n") {
			t.Errorf("no line %s in %s", line, text)
		}
	}
	gone, left := c[1], c[2]
	if first == "c" {
		gone, left = c[2], c[1]
	}
	gone.stop() // its task begins anew on the other one that has its method
	if second := <-g.began; second != left.id {
		t.Errorf("it goes on at %s, want %s", second, left.id)
	}
	close(g.open)
	if r := c[0].result(t, "after"); r.GetStatus() != pb.TaskResponse_SUCCESS || r.GetResult() != "held on "+left.id {
		t.Errorf("got %v", r)
	}
	if _, err := left.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "later", Method: "ping"}); err != nil {
		t.Fatal(err)
	}
	if r := left.result(t, "before"); r.GetResult() != "a" || r.GetNodeId() != "a" {
		t.Errorf("got %v", r)
	}
}

// isWhole tells whether operators are shown three nodes of which one leads, and that
// all copies of all streams are there.
func isWhole(t *testing.T, asked adminpbconnect.AdminServiceClient) bool {
	t.Helper()
	told, err := asked.ListNodes(t.Context(), &adminpb.ListNodesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	leaders, copies := 0, 0
	for _, n := range told.GetNodes() {
		if n.GetLeader() {
			leaders++
		}
		if !n.GetAlive() || n.GetDiskBytes() == 0 || n.GetDiskFreeBytes() == 0 {
			return false
		}
	}
	for _, s := range told.GetStreams() {
		for _, c := range s.GetCopies() {
			if c.GetCurrent() {
				copies++
			}
		}
	}
	return leaders == 1 && copies == 9 && len(told.GetUnansweredNodes()) == 0
}

// metrics returns what the node tells Prometheus.
func (n *node) metrics(t *testing.T) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.admin+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
