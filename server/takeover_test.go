package server

import (
	"context"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// A clusterNode is a server that is one of several.
type clusterNode struct {
	*holder
	*Server
	taskschedulerpbconnect.TaskSchedulerClient

	stop func()
}

// serveNode serves a node that uses the NATS servers of these URLs.
func serveNode(t *testing.T, id string, urls ...string) *clusterNode {
	t.Helper()
	n := &clusterNode{holder: newHolder(t)}
	n.Server = listenTest(t, Config{
		NodeID: id, NATS: urls, Lease: time.Second, Tasks: n.tasks, DrainTimeout: 50 * time.Millisecond,
		DependencyTimeout: 10 * time.Minute,
	})
	n.stop = serve(t, n.Server)
	<-n.ready
	n.TaskSchedulerClient = newConnect(newTransport(t, 2, nil), baseURL(n.Addr(), false))
	return n
}

// keep has n accept a task, and returns its id.
func (n *clusterNode) keep(t *testing.T, request *pb.TaskRequest) string {
	t.Helper()
	request.Detached, request.DependencyTimeoutMs = true, 600_000
	answer, err := n.SubmitTask(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetTaskId()
}

// keepSome has n accept tasks of each kind: two that run, one that waits for the first,
// and one that waits for its time.
func (n *clusterNode) keepSome(t *testing.T) (made string) {
	t.Helper()
	n.keep(t, &pb.TaskRequest{TaskId: "runs", Method: "hold"})
	made = n.keep(t, &pb.TaskRequest{Method: "hold"})
	later := addition(t)
	later.TaskId, later.StartAt = "later", timestamppb.New(time.Now().Add(time.Hour))
	n.keep(t, later)
	waits := addition(t)
	waits.TaskId, waits.Deps = "waits", []string{"runs"}
	n.keep(t, waits)
	<-n.started
	<-n.started
	return made
}

// wantResult waits for a task at n, which may not have taken it over yet.
func (n *clusterNode) wantResult(t *testing.T, id, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		r, err := n.WaitResult(ctx, &pb.WaitResultRequest{TaskId: id, TimeoutMs: 60_000})
		switch {
		case err != nil:
			t.Fatalf("%s: %v", id, err)
		case r.GetStatus() == pb.TaskResponse_NOT_FOUND:
			continue
		case r.GetStatus() != pb.TaskResponse_SUCCESS || r.GetResult() != want:
			t.Errorf("%s: got %v, want %s", id, r, want)
		}
		return
	}
}

// TestANodeThatStops hands over what it has accepted, at once.
func TestANodeThatStops(t *testing.T) {
	servers := natstest.Start(t, 1, natstest.Large)
	a, b := serveNode(t, "a", servers.URLs()...), serveNode(t, "b", servers.URLs()...)
	made := a.keepSome(t)
	a.stop()
	<-b.started
	<-b.started
	b.release()
	b.wantResult(t, made, "held")
	b.wantResult(t, "waits", "6")
	if r, err := b.CancelTask(t.Context(), &pb.CancelRequest{TaskId: "later"}); err != nil || !r.GetCancelled() {
		t.Errorf("what waits for its time: %v, %v", r, err)
	}
}

// TestANodeThatIsCutOff is taken for dead: others run what it has accepted. When it is
// back it tells what they have recorded, and takes tasks again.
func TestANodeThatIsCutOff(t *testing.T) {
	servers := natstest.Start(t, 1, natstest.Large)
	proxy := natstest.NewProxy(t, strings.TrimPrefix(servers.URLs()[0], "nats://"))
	a, b := serveNode(t, "a", proxy.URL()), serveNode(t, "b", servers.URLs()...)
	made := a.keepSome(t)
	waiting := make(chan error, 1)
	go func() {
		r, err := a.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: "runs", TimeoutMs: 60_000})
		if err == nil && r.GetResult() != "held" {
			t.Errorf("who waits is told %v", r)
		}
		waiting <- err
	}()
	proxy.Cut()
	<-b.started
	<-b.started
	a.release() // too late
	b.keep(t, &pb.TaskRequest{TaskId: "b's", Method: "hold"})
	<-b.started
	b.release()
	b.wantResult(t, "waits", "6")
	proxy.Heal()
	if err := <-waiting; err != nil && connect.CodeOf(err) != connect.CodeUnavailable {
		t.Error(err)
	}
	for id, want := range map[string]string{"runs": "held", made: "held", "waits": "6"} {
		a.wantResult(t, id, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil { // it may not be back yet
		r := addition(t)
		r.TaskId, r.Durable = "again", true
		if answer, err := a.SubmitTask(ctx, r); err == nil {
			if answer.GetResult() != "6" {
				t.Errorf("%v", answer)
			}
			return
		}
	}
	t.Error("it takes no tasks any more")
}
