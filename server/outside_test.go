package server

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestNodesOnLoopback are named by their hosts: on another machine there may be one at
// the same address.
func TestNodesOnLoopback(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	s := listenTest(t, Config{Addr: "127.0.0.1:0", NATS: natstest.Start(t, 1, nil).URLs()})
	serve(t, s)
	if !strings.HasPrefix(s.nodeID, host+":") {
		t.Errorf("the node is %q", s.nodeID)
	}
}

// TestWhatTheServersCannotCarry is refused by its size when it is submitted if it is to
// be kept; a result that is too large ends its task, and says so.
func TestWhatTheServersCannotCarry(t *testing.T) {
	s := listenTest(t, Config{NodeID: "a", NATS: natstest.Start(t, 1, nil).URLs()}) // they take messages of 1 MiB
	serve(t, s)
	client := newConnect(newTransport(t, 2, nil), baseURL(s.Addr(), false))
	request := echo(t, 2<<20)
	request.Detached = true
	_, err := client.SubmitTask(t.Context(), request)
	if connect.CodeOf(err) != connect.CodeResourceExhausted || !strings.Contains(err.Error(), "bytes; at most") {
		t.Errorf("a task: %v", err)
	}
	request = echo(t, 2<<20)
	request.TaskId = "large"
	_, err = client.SubmitTask(t.Context(), request)
	if connect.CodeOf(err) != connect.CodeResourceExhausted || !strings.Contains(err.Error(), "the result has 2097152 bytes") {
		t.Errorf("a result: %v", err)
	}
	answer, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: "large"})
	if err != nil || answer.GetStatus() != pb.TaskResponse_FAILED || !strings.Contains(answer.GetResult(), "the result has 2097152 bytes") {
		t.Errorf("how it ended: %.300v, %v", answer, err)
	}
	carried, err := client.SubmitTask(t.Context(), echo(t, 900<<10))
	if err != nil || carried.GetStatus() != pb.TaskResponse_SUCCESS {
		t.Errorf("what it can carry: %.300v, %v", carried, err)
	}
}

// TestServersWithoutRoom: a task that is to be kept, or whose id is to be claimed, is
// refused when they have no room for it, and it says so.
func TestServersWithoutRoom(t *testing.T) {
	servers := natstest.Start(t, 1, natstest.Room(100<<10))
	s := listenTest(t, Config{NodeID: "a", NATS: servers.URLs()})
	serve(t, s)
	client := newConnect(newTransport(t, 2, nil), baseURL(s.Addr(), false))
	later := timestamppb.New(time.Now().Add(time.Hour))
	for i := 0; ; i++ {
		request := echo(t, 100)
		request.TaskId, request.Detached, request.StartAt = fmt.Sprint(strings.Repeat("x", 500), i), true, later
		_, err := client.SubmitTask(t.Context(), request)
		switch {
		case err == nil && i < 1000:
			continue
		case connect.CodeOf(err) != connect.CodeResourceExhausted || !strings.Contains(err.Error(), "no room"):
			t.Errorf("task %d: %v", i, err)
		}
		break
	}
	request := echo(t, 100)
	request.TaskId = strings.Repeat("y", 1000)
	if _, err := client.SubmitTask(t.Context(), request); connect.CodeOf(err) != connect.CodeResourceExhausted || !strings.Contains(err.Error(), "no room") {
		t.Errorf("one with an id of its own: %v", err)
	}
}
