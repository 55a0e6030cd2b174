package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/server"
)

// TestChain: tasks on alternating nodes, each after the one before, submitted in
// reverse.
func TestChain(t *testing.T) {
	const length = 20
	c := start(t, 3, nil)
	for i := length - 1; i >= 0; i-- {
		request := &pb.TaskRequest{
			TaskId: fmt.Sprint("chain-", i), Method: "echo_string", Args: texts(t, fmt.Sprint(i)), Detached: true,
			InjectDependencyResults: true, DependencyTimeoutMs: 60_000,
		}
		if i > 0 {
			request.Deps = []string{fmt.Sprint("chain-", i-1)}
		}
		if _, err := c[i%len(c)].SubmitTask(t.Context(), request); err != nil {
			t.Fatalf("task %d: %v", i, err)
		}
	}
	var want []string
	for i := range length {
		want = append(want, fmt.Sprint(i))
	}
	for _, n := range c {
		r := n.result(t, fmt.Sprint("chain-", length-1))
		if r.GetStatus() != pb.TaskResponse_SUCCESS || r.GetResult() != strings.Join(want, ",") || r.GetNodeId() != c[(length-1)%len(c)].id {
			t.Errorf("on %s: got %v", n.id, r)
		}
	}
}

// TestFanIn: the results of many tasks of all nodes come in the order in which they
// are depended on.
func TestFanIn(t *testing.T) {
	const wide = 40
	c := start(t, 3, nil)
	last := &pb.TaskRequest{TaskId: "all", Method: "echo_string", InjectDependencyResults: true, DependencyTimeoutMs: 60_000}
	var want []string
	for i := range wide {
		last.Deps = append(last.Deps, fmt.Sprint("one-", i))
		want = append(want, fmt.Sprint(i))
	}
	var all sync.WaitGroup
	all.Go(func() {
		answer, err := c[0].SubmitTask(t.Context(), last)
		if err != nil || answer.GetResult() != strings.Join(want, ",") {
			t.Errorf("got %v, %v", answer, err)
		}
	})
	for i := range wide {
		all.Go(func() {
			n := c[(i+1)%len(c)]
			request := &pb.TaskRequest{TaskId: fmt.Sprint("one-", i), Method: "echo_string", Args: texts(t, fmt.Sprint(i))}
			if answer, err := n.SubmitTask(t.Context(), request); err != nil || answer.GetNodeId() != n.id {
				t.Errorf("task %d on %s: got %v, %v", i, n.id, answer, err)
			}
		})
	}
	all.Wait()
}

// TestPairsRace: an id that two nodes get at the same time runs once, and both answer
// with what came of it.
func TestPairsRace(t *testing.T) {
	const pairs = 200
	var runs counter
	c := start(t, 3, nil, runs.task)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	for i := range pairs {
		var answers [2]*pb.TaskResponse
		var pair sync.WaitGroup
		for j := range answers {
			pair.Go(func() {
				var err error
				request := &pb.TaskRequest{TaskId: fmt.Sprint("pair-", i), Method: "count"}
				if answers[j], err = c[(i+j)%len(c)].SubmitTask(ctx, request); err != nil {
					t.Errorf("pair %d on %s: %v", i, c[(i+j)%len(c)].id, err)
				}
			})
		}
		all.Go(func() {
			pair.Wait()
			if a, b := answers[0], answers[1]; a.GetResult() != b.GetResult() || a.GetNodeId() != b.GetNodeId() || a.GetNodeId() != a.GetResult() {
				t.Errorf("pair %d: got %v and %v", i, a, b)
			}
		})
	}
	all.Wait()
	t.Logf("%d pairs took %v", pairs, time.Since(began))
	if n := runs.runs.Load(); n != pairs {
		t.Errorf("%d runs of %d ids", n, pairs)
	}
}

// TestPairsRaceForAMethodElsewhere: the same where neither of the two can run it.
func TestPairsRaceForAMethodElsewhere(t *testing.T) {
	g := newGate()
	close(g.open)
	c := start(t, 3, nil, g.on("c"))
	var all sync.WaitGroup
	for i := range 50 {
		for _, n := range c {
			all.Go(func() {
				answer, err := n.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: fmt.Sprint("pair-", i), Method: "hold"})
				if err != nil || answer.GetNodeId() != "c" {
					t.Errorf("%d on %s: got %v, %v", i, n.id, answer, err)
				}
			})
		}
	}
	all.Wait()
	if n := len(g.began); n != 50 {
		t.Errorf("%d runs of 50 ids", n)
	}
}

// TestForwarding: a method that another node has runs there, unless the client wants
// none of it.
func TestForwarding(t *testing.T) {
	c := start(t, 3, nil)
	answer, err := c[0].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x", Method: "only_c", Sequence: 7, TypedResult: true})
	if err != nil || answer.GetResult() != "c" || answer.GetNodeId() != "c" || answer.GetTaskId() != "x" || answer.GetSequence() != 7 ||
		answer.GetValue().GetTypeUrl() == "" {
		t.Errorf("got %v, %v", answer, err)
	}
	for name, change := range map[string]func(*pb.TaskRequest){
		"disable_forwarding": func(r *pb.TaskRequest) { r.DisableForwarding = true },
		"origin_node_id":     func(r *pb.TaskRequest) { r.OriginNodeId = "b" },
		"no such method":     func(r *pb.TaskRequest) { r.Method = "only_d" },
	} {
		request := &pb.TaskRequest{TaskId: "y", Method: "only_c"}
		change(request)
		if _, err := c[0].SubmitTask(t.Context(), request); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("%s: got %v, want NOT_FOUND", name, err)
		}
		for _, n := range c { // it has left no trace
			if r, err := n.GetResult(t.Context(), &pb.ResultRequest{TaskId: "y"}); err != nil || r.GetStatus() != pb.TaskResponse_NOT_FOUND {
				t.Errorf("%s: on %s: got %v, %v", name, n.id, r, err)
			}
		}
	}
	d, err := c[1].DescribeTask(t.Context(), &pb.DescribeTaskRequest{Method: "only_c"})
	if err != nil || d.GetMethod() != "only_c" {
		t.Errorf("got %v, %v", d, err)
	}
}

// TestEveryNodeAnswersForEveryTask: while it runs, and when it is cancelled.
func TestEveryNodeAnswersForEveryTask(t *testing.T) {
	g := newGate()
	c := start(t, 3, nil, g.on("c"))
	for _, id := range []string{"mine", ""} { // the second is made by the server
		answerForEveryTask(t, c, g, id)
	}
}

func answerForEveryTask(t *testing.T, c cluster, g *gate, id string) {
	t.Helper()
	answer, err := c[0].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: id, Method: "hold", Detached: true})
	if err != nil {
		t.Fatal(err)
	}
	<-g.began
	id = answer.GetTaskId()
	stream, err := c[1].WatchTask(t.Context(), &pb.WatchTaskRequest{TaskId: id})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for _, n := range c {
		if r, err := n.GetResult(t.Context(), &pb.ResultRequest{TaskId: id}); err != nil || r.GetStatus() != pb.TaskResponse_RUNNING {
			t.Errorf("%s on %s: got %v, %v", id, n.id, r, err)
		}
		// A wait that is over before the store has answered tells how the task stands, too.
		r, err := n.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: id, TimeoutMs: 1})
		if err != nil || r.GetStatus() != pb.TaskResponse_RUNNING {
			t.Errorf("%s on %s: got %v, %v", id, n.id, r, err)
		}
	}
	cancelled, err := c[1].CancelTask(t.Context(), &pb.CancelRequest{TaskId: id})
	if err != nil || !cancelled.GetCancelled() {
		t.Errorf("got %v, %v", cancelled, err)
	}
	if err := <-g.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the task was told %v", err)
	}
	for _, n := range c {
		if r := n.result(t, id); r.GetStatus() != pb.TaskResponse_CANCELLED || r.GetNodeId() != "c" {
			t.Errorf("%s on %s: got %v", id, n.id, r)
		}
	}
	var ended *pb.ResultResponse
	for stream.Receive() {
		ended = stream.Msg().GetEnded()
	}
	if stream.Err() != nil || ended.GetStatus() != pb.TaskResponse_CANCELLED {
		t.Errorf("the watch ended with %v, %v", ended, stream.Err())
	}
}

// TestCallerLeavesForwardedTask: it is cancelled where it runs, and its id is free.
func TestCallerLeavesForwardedTask(t *testing.T) {
	g := newGate()
	c := start(t, 2, nil, g.on("b"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-g.began; cancel() }()
	if _, err := c[0].SubmitTask(ctx, &pb.TaskRequest{TaskId: "x", Method: "hold"}); connect.CodeOf(err) != connect.CodeCanceled {
		t.Errorf("got %v", err)
	}
	<-g.ended
	close(g.open)
	for _, n := range c { // the second joins
		if answer, err := n.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "x", Method: "hold"}); err != nil || answer.GetResult() != "held on b" {
			t.Errorf("on %s: got %v, %v", n.id, answer, err)
		}
	}
}

// TestFailuresCrossNodes: with their code, text and attempt; and a dependency that has
// failed names its node.
func TestFailuresCrossNodes(t *testing.T) {
	c := start(t, 2, nil)
	bad := &pb.TaskRequest{TaskId: "bad", Method: "remove"}
	_, first := c[0].SubmitTask(t.Context(), bad)
	_, second := c[1].SubmitTask(t.Context(), bad)
	if connect.CodeOf(first) != connect.CodeInvalidArgument || first.Error() != second.Error() {
		t.Errorf("got %v and %v", first, second)
	}
	_, err := c[1].SubmitTask(t.Context(), &pb.TaskRequest{Method: "ping", Deps: []string{"bad"}})
	if connect.CodeOf(err) != connect.CodeFailedPrecondition || !strings.Contains(err.Error(), "node a") {
		t.Errorf("got %v, want one that names the dependency's node", err)
	}
}

// TestConcurrencyLimit: those that are forwarded count where they run.
func TestConcurrencyLimit(t *testing.T) {
	g := newGate()
	c := start(t, 2, func(cfg *server.Config) { cfg.MaxConcurrentTasks = 3 }, g.on("b"))
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if answer, err := c[i%2].SubmitTask(t.Context(), &pb.TaskRequest{Method: "hold"}); err != nil || answer.GetNodeId() != "b" {
				t.Errorf("got %v, %v", answer, err)
			}
		})
	}
	for range 3 {
		<-g.began
	}
	until(t, "all ten are on b", func() bool {
		info, err := c[1].GetNodeInfo(t.Context(), &pb.NodeInfoRequest{})
		return err == nil && info.GetPendingTasks() == 7 && info.GetRunningTasks() == 3
	})
	if n := len(g.began); n != 0 {
		t.Errorf("%d more run than may", n)
	}
	close(g.open)
	all.Wait()
}
