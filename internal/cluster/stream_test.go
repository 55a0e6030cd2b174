package cluster_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"testing"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// answers returns those of a stream, until there are no more.
func answers(
	t *testing.T, stream *connect.BidiStreamForClientSimple[pb.TaskRequest, pb.TaskResponse],
) iter.Seq[*pb.TaskResponse] {
	t.Helper()
	return func(yield func(*pb.TaskResponse) bool) {
		defer func() { _ = stream.CloseResponse() }()
		for {
			answer, err := stream.Receive()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !yield(answer) {
				return
			}
		}
	}
}

// TestStreamOverNodes: each request of a stream goes its own way, and each answer is
// that of its request.
func TestStreamOverNodes(t *testing.T) {
	c := start(t, 3, nil, where)
	if _, err := c[1].SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "known", Method: "where"}); err != nil {
		t.Fatal(err)
	}
	stream, err := c[0].SubmitTasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const n = 300
	want := make(map[uint64]string)
	go func() {
		for i := range n {
			request := &pb.TaskRequest{Sequence: uint64(i + 1), Method: []string{"only_a", "only_b", "only_c", "where"}[i%4]}
			if i%3 == 0 {
				request.TaskId = fmt.Sprint("own-", i)
			}
			if err := stream.Send(request); err != nil {
				t.Error(err)
			}
		}
		for i, request := range []*pb.TaskRequest{{TaskId: "known", Method: "where"}, {Method: "only_d"}, {Method: "remove"}} {
			request.Sequence = uint64(n + i + 1)
			if err := stream.Send(request); err != nil {
				t.Error(err)
			}
		}
		if err := stream.CloseRequest(); err != nil {
			t.Error(err)
		}
	}()
	for i := range n {
		want[uint64(i+1)] = []string{"a", "b", "c", "a"}[i%4]
	}
	want[n+1] = "b"
	for answer := range answers(t, stream) {
		switch number := answer.GetSequence(); number {
		case n + 2:
			if answer.GetErrorCode() != uint32(connect.CodeNotFound) {
				t.Errorf("got %v", answer)
			}
		case n + 3:
			if answer.GetErrorCode() != uint32(connect.CodeInvalidArgument) {
				t.Errorf("got %v", answer)
			}
		default:
			if answer.GetResult() != want[number] || answer.GetNodeId() != want[number] {
				t.Errorf("got %v, want %s", answer, want[number])
			}
			delete(want, number)
		}
	}
	if len(want) > 0 {
		t.Errorf("no answers to %v", want)
	}
}

// TestStreamDependsOnForwarded: a request may depend on one that the stream has just
// sent to another node, and the next one on that.
func TestStreamDependsOnForwarded(t *testing.T) {
	g := newGate()
	c := start(t, 2, nil, g.on("b"))
	stream, err := c[0].SubmitTasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const chains = 40
	for i := range chains {
		first, second := fmt.Sprint("first-", i), fmt.Sprint("second-", i)
		for _, request := range []*pb.TaskRequest{
			{TaskId: first, Method: "hold"},
			{TaskId: second, Method: "echo_string", Deps: []string{first}, InjectDependencyResults: true},
			{Method: "only_b", Deps: []string{second}},
			{Method: "only_a", Deps: []string{second, first}},
		} {
			if err := stream.Send(request); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range chains {
		<-g.began
	}
	close(g.open)
	if err := stream.CloseRequest(); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int)
	for answer := range answers(t, stream) {
		if answer.GetStatus() != pb.TaskResponse_SUCCESS {
			t.Errorf("got %v", answer)
		}
		got[answer.GetResult()]++
	}
	if got["held on b"] != 2*chains || got["a"] != chains || got["b"] != chains {
		t.Errorf("got %v", got)
	}
}

// TestBatchOverNodes: a batch runs as a whole where all its methods are, or is refused
// by the name of one that isn't there.
func TestBatchOverNodes(t *testing.T) {
	c := start(t, 3, nil, where)
	batch := &pb.BatchRequest{Tasks: []*pb.TaskRequest{
		{TaskId: "2", Method: "echo_string", Deps: []string{"1"}, InjectDependencyResults: true},
		{TaskId: "1", Method: "only_c"},
	}}
	for _, n := range c { // the second and third join
		answer, err := n.SubmitBatch(t.Context(), batch)
		if err != nil || len(answer.GetResults()) != 2 || answer.GetResults()[0].GetResult() != "c" || answer.GetResults()[0].GetNodeId() != "c" {
			t.Errorf("on %s: got %v, %v", n.id, answer, err)
		}
	}
	batch = &pb.BatchRequest{Tasks: []*pb.TaskRequest{{Method: "only_b"}, {Method: "only_c"}}}
	if _, err := c[0].SubmitBatch(t.Context(), batch); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("got %v, want NOT_FOUND", err)
	}
}
