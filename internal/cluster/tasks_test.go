package cluster_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/server"
)

// keep has n accept a task, and returns its id.
func (n *node) keep(t *testing.T, request *pb.TaskRequest) string {
	t.Helper()
	request.Detached = true
	answer, err := n.SubmitTask(t.Context(), request)
	if err != nil {
		t.Fatalf("node %s: %v", n.id, err)
	}
	return answer.GetTaskId()
}

// joining joins the results of its dependencies.
func joining(id string, deps ...string) *pb.TaskRequest {
	return &pb.TaskRequest{
		TaskId: id, Method: "echo_string", Deps: deps, DependencyTimeoutMs: 600_000, InjectDependencyResults: true,
	}
}

// TestOneIDOnEveryNodeAtOnce runs once, and all are told the same.
func TestOneIDOnEveryNodeAtOnce(t *testing.T) {
	var runs counter
	c := start(t, 3, nil, runs.task)
	const ids = 50
	for i := range ids {
		var all sync.WaitGroup
		answers := make([]*pb.TaskResponse, 2*len(c))
		for at := range answers {
			all.Go(func() {
				var err error
				request := &pb.TaskRequest{TaskId: fmt.Sprint(i), Method: "count"}
				if answers[at], err = c[at%len(c)].SubmitTask(t.Context(), request); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, a := range answers {
			if a.GetResult() != answers[0].GetResult() || a.GetNodeId() != a.GetResult() {
				t.Errorf("%v, and %v", a, answers[0])
			}
		}
	}
	if n := runs.runs.Load(); n != ids {
		t.Errorf("%d runs of %d tasks", n, ids)
	}
}

// TestCycleOverNodes is refused at once, and those who wait for what was refused go on
// waiting.
func TestCycleOverNodes(t *testing.T) {
	c := start(t, 3, nil)
	on := func(at int, id string, deps ...string) *pb.TaskRequest {
		return &pb.TaskRequest{TaskId: id, Method: "only_" + c[at].id, Deps: deps, DependencyTimeoutMs: 60_000}
	}
	c[0].keep(t, on(0, "1", "2"))
	c[1].keep(t, on(1, "2", "3"))
	_, err := c[2].SubmitTask(t.Context(), on(2, "3", "1"))
	if connect.CodeOf(err) != connect.CodeFailedPrecondition || !strings.Contains(err.Error(), `"3" → "1" → "2" → "3"`) {
		t.Errorf("got %v", err)
	}
	c[0].keep(t, on(0, "3"))
	for id, want := range map[string]string{"1": "a", "2": "b", "3": "a"} {
		if r := c[2].result(t, id); r.GetResult() != want {
			t.Errorf("%s: got %v", id, r)
		}
	}
}

// TestDrainHandsOver what has not begun, while something still runs.
func TestDrainHandsOver(t *testing.T) {
	g := newGate()
	c := start(t, 3, func(cfg *server.Config) { cfg.DrainTimeout = 2 * patience }, g.on("a"), where)
	c[0].keep(t, &pb.TaskRequest{TaskId: "runs", Method: "hold"})
	soon := timestamppb.New(time.Now().Add(5 * time.Second)) // it drains before
	c[0].keep(t, &pb.TaskRequest{TaskId: "later", Method: "where", StartAt: soon})
	made := c[0].keep(t, &pb.TaskRequest{Method: "where", StartAt: soon})
	c[0].keep(t, joining("waits", "later", "runs"))
	<-g.began
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		c[0].stop()
	}()
	for _, id := range []string{"later", made} {
		until(t, id+" has run elsewhere", func() bool {
			r, err := c[1].GetResult(t.Context(), &pb.ResultRequest{TaskId: id})
			return err == nil && r.GetStatus() == pb.TaskResponse_SUCCESS && r.GetNodeId() != "a"
		})
	}
	select {
	case <-stopped:
		t.Error("it has stopped before")
	default:
	}
	close(g.open)
	<-stopped
	if r := c[2].result(t, "waits"); !strings.HasSuffix(r.GetResult(), ",held on a") {
		t.Errorf("got %v", r)
	}
}

// TestDeadNodesTasksRunWhereTheirMethodIs, whoever takes them over.
func TestDeadNodesTasksRunWhereTheirMethodIs(t *testing.T) {
	g := newGate()
	c := start(t, 4, soonDead, g.on("ac"))
	const tasks = 10
	for i := range tasks {
		c[0].keep(t, &pb.TaskRequest{TaskId: fmt.Sprint(i), Method: "hold"})
	}
	c[1].keep(t, joining("waits", "0", "1"))
	for range tasks {
		<-g.began
	}
	c[0].line.Cut()
	for range tasks {
		if on := <-g.began; on != "c" {
			t.Errorf("one runs on %s", on)
		}
	}
	close(g.open)
	for i := range tasks {
		until(t, fmt.Sprint(i, " has run"), func() bool {
			r, err := c[3].GetResult(t.Context(), &pb.ResultRequest{TaskId: fmt.Sprint(i)})
			return err == nil && r.GetResult() == "held on c"
		})
	}
	if r := c[1].result(t, "waits"); r.GetResult() != "held on c,held on c" {
		t.Errorf("got %v", r)
	}
	c[0].line.Heal()
	until(t, "it is back", func() bool { return c[1].sees(t, "a") })
	for i := range tasks {
		if r := c[0].result(t, fmt.Sprint(i)); r.GetResult() != "held on c" {
			t.Errorf("%d: got %v", i, r)
		}
	}
}
