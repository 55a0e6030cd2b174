package cluster_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/server"
)

// TestOperatorsSeeAllNodes: whichever node they ask, they are told of each one's
// executions and events, and which nodes there are.
func TestOperatorsSeeAllNodes(t *testing.T) {
	c := start(t, 3, func(cfg *server.Config) { cfg.AdminAddr = "127.0.0.1:0" })
	asked := c[0].operators(t)
	watching, cancel := context.WithCancel(t.Context())
	defer cancel()
	events, err := asked.WatchEvents(watching, &adminpb.WatchEventsRequest{Kinds: []adminpb.EventKind{adminpb.EventKind_EVENT_KIND_TASK_ENDED}})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	told := make(map[string]bool)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for len(told) < len(c) && events.Receive() {
			if node := events.Msg().GetNodeId(); node != "" {
				told[node] = true
			}
		}
	}()
	until(t, "the events of all three are told", func() bool {
		for _, n := range c { // each time new ones: it may be that their nodes are not watched yet
			if _, err := n.SubmitTask(t.Context(), &pb.TaskRequest{Method: "ping"}); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-heard:
			return true
		default:
			return false
		}
	})
	for _, n := range c {
		if _, err := n.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x-" + n.id, Method: "ping"}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := asked.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{IdPrefix: "x-", PageSize: 2})
	if err != nil || len(list.GetExecutions()) != 2 || list.GetNextPageToken() == "" || len(list.GetUnansweredNodes()) > 0 {
		t.Fatalf("got %v, %v", list, err)
	}
	rest, err := asked.ListExecutions(t.Context(),
		&adminpb.ListExecutionsRequest{IdPrefix: "x-", PageSize: 2, PageToken: list.GetNextPageToken()})
	if err != nil || len(rest.GetExecutions()) != 1 || rest.GetNextPageToken() != "" {
		t.Fatalf("got %v, %v", rest, err)
	}
	on := make(map[string]bool)
	for _, x := range append(list.GetExecutions(), rest.GetExecutions()...) {
		on[x.GetNodeId()] = true
		found, err := asked.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: x.GetId()})
		if err != nil || found.GetNodeId() != x.GetNodeId() {
			t.Errorf("got %v, %v", found, err)
		}
	}
	if len(on) != len(c) {
		t.Errorf("executions of %v", on)
	}
	nodes, err := asked.ListNodes(t.Context(), &adminpb.ListNodesRequest{})
	if err != nil || len(nodes.GetNodes()) != 3 || nodes.GetNodes()[0].GetId() != "a" || !nodes.GetNodes()[0].GetSelf() ||
		!nodes.GetNodes()[2].GetAlive() || nodes.GetNodes()[2].GetMethods() == 0 || len(nodes.GetUnansweredNodes()) > 0 ||
		len(nodes.GetStreams()) != 3 || nodes.GetStreamsError() != "" {
		t.Errorf("got %v, %v", nodes, err)
	}
}

// TestOperatorsAreToldWhoDoesNotAnswer, and of what each node has to do.
func TestOperatorsAreToldWhoDoesNotAnswer(t *testing.T) {
	g := newGate()
	defer close(g.open)
	c := start(t, 3, func(cfg *server.Config) { cfg.AdminAddr, cfg.Lease = "127.0.0.1:0", time.Minute }, g.on("b"))
	asked := c[0].operators(t)
	if _, err := c[0].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x", Method: "hold", Detached: true}); err != nil {
		t.Fatal(err)
	}
	<-g.began
	until(t, "b says that it has the task", func() bool {
		nodes, err := asked.ListNodes(t.Context(), &adminpb.ListNodesRequest{})
		if err != nil {
			t.Fatal(err)
		}
		b := nodes.GetNodes()[1]
		return b.GetId() == "b" && b.GetRunning() == 1 && b.GetKept() == 1 && len(nodes.GetUnansweredNodes()) == 0
	})
	watching, cancel := context.WithCancel(t.Context())
	defer cancel()
	figures, err := asked.WatchStats(watching, &adminpb.WatchStatsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer figures.Close()
	waits := func(queue []*adminpb.QueuedMethod) bool {
		return len(queue) == 1 && queue[0].GetMethod() == "hold" && queue[0].GetNodeId() == "b" && queue[0].GetRunning() == 1
	}
	until(t, "the figures have what b runs", func() bool {
		return figures.Receive() && waits(figures.Msg().GetQueue())
	})
	c[2].line.Swallow()
	defer c[2].line.Heal()
	queue, err := asked.ListQueue(t.Context(), &adminpb.ListQueueRequest{})
	if err != nil || !waits(queue.GetMethods()) || !slices.Equal(queue.GetUnansweredNodes(), []string{"c"}) {
		t.Errorf("the queue: %v, %v", queue, err)
	}
	audit, err := asked.ListAudit(t.Context(), &adminpb.ListAuditRequest{})
	if err != nil || !slices.Equal(audit.GetUnansweredNodes(), []string{"c"}) {
		t.Errorf("the audit: %v, %v", audit, err)
	}
	nodes, err := asked.ListNodes(t.Context(), &adminpb.ListNodesRequest{})
	if err != nil || len(nodes.GetNodes()) != 3 || !slices.Equal(nodes.GetUnansweredNodes(), []string{"c"}) {
		t.Errorf("got %v, %v", nodes, err)
	}
	list, err := asked.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{IdPrefix: "x"})
	if err != nil || len(list.GetExecutions()) != 1 || list.GetExecutions()[0].GetNodeId() != "b" ||
		!slices.Equal(list.GetUnansweredNodes(), []string{"c"}) {
		t.Errorf("got %v, %v", list, err)
	}
}

// TestOperatorsSteerAnyNode: whichever node they ask, the one that they name drains,
// takes tasks again, and tells what it can run.
func TestOperatorsSteerAnyNode(t *testing.T) {
	c := start(t, 2, func(cfg *server.Config) { cfg.AdminAddr = "127.0.0.1:0" })
	asked, other := c[0].operators(t), c[1].operators(t)
	drains := func() bool {
		t.Helper()
		status, err := other.GetStatus(t.Context(), &adminpb.GetStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return status.GetDraining()
	}
	if _, err := asked.Drain(t.Context(), &adminpb.DrainRequest{NodeId: "b"}); err != nil || !drains() {
		t.Errorf("drain: %v, drains: %t", err, drains())
	}
	if status, err := asked.GetStatus(t.Context(), &adminpb.GetStatusRequest{}); err != nil || status.GetDraining() {
		t.Errorf("the one that was asked drains: %v, %v", status, err)
	}
	if _, err := asked.Resume(t.Context(), &adminpb.ResumeRequest{NodeId: "b"}); err != nil || drains() {
		t.Errorf("resume: %v, drains: %t", err, drains())
	}
	for _, from := range []adminpbconnect.AdminServiceClient{asked, other} {
		entries := auditOf(t, from)
		if len(entries) != 4 { // each of both has that it was asked, and that it was done
			t.Errorf("the audit: %v", entries)
		}
		for _, action := range []string{"drain", "resume"} {
			for _, n := range c {
				if !slices.ContainsFunc(entries, func(e *adminpb.AuditEntry) bool {
					return e.GetAction() == action && e.GetNodeId() == n.id && strings.HasPrefix(e.GetWho(), "127.0.0.1:")
				}) {
					t.Errorf("the audit has no %s of node %s: %v", action, n.id, entries)
				}
			}
		}
	}
	tasks, err := asked.ListTasks(t.Context(), &adminpb.ListTasksRequest{NodeId: "b"})
	if err != nil || !slices.ContainsFunc(tasks.GetTasks(), func(x *adminpb.Task) bool { return x.GetName() == "only_b" }) {
		t.Errorf("what b can run: %v, %v", tasks, err)
	}
	if _, err := asked.Drain(t.Context(), &adminpb.DrainRequest{NodeId: "nobody"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("drain of a node that there isn't: %v", err)
	}
}

// auditOf reads the audit of all nodes, page by page.
func auditOf(t *testing.T, asked adminpbconnect.AdminServiceClient) (entries []*adminpb.AuditEntry) {
	t.Helper()
	request := &adminpb.ListAuditRequest{PageSize: 1}
	for {
		page, err := asked.ListAudit(t.Context(), request)
		if err != nil || len(page.GetEntries()) > 1 || len(page.GetUnansweredNodes()) > 0 {
			t.Fatalf("got %v, %v", page, err)
		}
		for _, e := range page.GetEntries() {
			if len(entries) > 0 && e.GetTime().AsTime().After(entries[len(entries)-1].GetTime().AsTime()) {
				t.Errorf("%v comes after %v", e, entries[len(entries)-1])
			}
			entries = append(entries, e)
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return entries
		}
	}
}

// operators returns a client of the node's admin service.
func (n *node) operators(t *testing.T) adminpbconnect.AdminServiceClient {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return adminpbconnect.NewAdminServiceClient(&http.Client{Transport: transport}, "http://"+n.admin)
}
