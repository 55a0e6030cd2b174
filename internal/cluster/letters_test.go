package cluster_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// A bridge has a task "cross" on some nodes, which fails until it is mended.
type bridge struct{ mended atomic.Bool }

func (b *bridge) on(nodes string) func(string) *task.Task {
	return func(id string) *task.Task {
		name := "cross"
		if !strings.Contains(nodes, id) {
			name = "cross_not"
		}
		return must(task.NewAsync(func(context.Context) (string, error) {
			if !b.mended.Load() {
				return "", task.Errorf(task.Unavailable, "it is broken")
			}
			return "crossed on " + id, nil
		}, task.Name(name)))
	}
}

// dies has a task use up its attempts on n.
func (n *node) dies(t *testing.T, id string) {
	t.Helper()
	request := &pb.TaskRequest{
		TaskId: id, Method: "cross", Labels: map[string]string{"to": n.id},
		Retry: &pb.RetryPolicy{MaxAttempts: 2, InitialBackoff: durationpb.New(time.Millisecond)},
	}
	if answer, err := n.SubmitTask(t.Context(), request); err == nil && answer.GetStatus() == pb.TaskResponse_SUCCESS {
		t.Fatalf("%s succeeded", id)
	}
}

// letters are the ids of the dead letters, each with the node that has it.
func letters(t *testing.T, from adminpbconnect.AdminServiceClient) string {
	t.Helper()
	var found []string
	for token := ""; ; {
		page, err := from.ListDeadLetters(t.Context(), &adminpb.ListDeadLettersRequest{PageSize: 2, PageToken: token})
		if err != nil || len(page.GetUnansweredNodes()) > 0 {
			t.Fatalf("%v, %v", page, err)
		}
		for _, letter := range page.GetDeadLetters() {
			found = append(found, letter.GetExecution().GetId()+"@"+letter.GetExecution().GetNodeId())
		}
		if token = page.GetNextPageToken(); token == "" {
			return strings.Join(found, " ")
		}
	}
}

// TestDeadLettersOfAllNodes are one list: whichever node an operator asks, it shows,
// retries, drops and brings back those of each.
func TestDeadLettersOfAllNodes(t *testing.T) {
	var b bridge
	c := start(t, 3, func(cfg *server.Config) { cfg.AdminAddr = "127.0.0.1:0" }, b.on("abc"))
	asked := c[0].operators(t)
	for i, id := range []string{"1", "2", "3", "4"} {
		c[(i+1)%3].dies(t, id)
	}
	const all = "4@b 3@a 2@c 1@b"
	if got := letters(t, asked); got != all {
		t.Errorf("there are %q", got)
	}
	shown, err := asked.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "2"})
	if err != nil || shown.GetDeadLetter().GetExecution().GetNodeId() != "c" {
		t.Errorf("c's: %v, %v", shown, err)
	}
	if _, err := asked.GetDeadLetter(t.Context(), &adminpb.GetDeadLetterRequest{Id: "5"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("nobody's: %v", err)
	}
	until(t, "a knows how many there are", func() bool {
		nodes, err := asked.ListNodes(t.Context(), &adminpb.ListNodesRequest{})
		return err == nil && nodes.GetNodes()[1].GetDeadLetters() == 2 && nodes.GetNodes()[2].GetDeadLetters() == 1
	})

	some := &adminpb.DropDeadLettersRequest{Filter: &adminpb.DeadLetterFilter{Ids: []string{"1", "2", "3"}}, DryRun: true}
	drop, err := asked.DropDeadLetters(t.Context(), some)
	if err != nil || drop.GetMatched() != 3 || drop.GetDropped() != 0 || letters(t, asked) != all {
		t.Errorf("a dry run: %v, %v", drop, err)
	}
	some.DryRun = false
	if drop, err = asked.DropDeadLetters(t.Context(), some); err != nil || drop.GetMatched() != 3 || drop.GetDropped() != 3 {
		t.Errorf("drop: %v, %v", drop, err)
	}
	if got := letters(t, c[1].operators(t)); got != "4@b" {
		t.Errorf("after it there are %q", got)
	}
	back, err := c[2].operators(t).UndropDeadLetters(t.Context(), &adminpb.UndropDeadLettersRequest{UndoToken: drop.GetUndoToken()})
	if err != nil || back.GetRestored() != 3 || letters(t, asked) != all {
		t.Errorf("undrop: %v, %v", back, err)
	}
	if _, err := asked.UndropDeadLetters(t.Context(), &adminpb.UndropDeadLettersRequest{UndoToken: drop.GetUndoToken()}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("undrop once more: %v", err)
	}

	b.mended.Store(true)
	again, err := asked.RetryDeadLetters(t.Context(), &adminpb.RetryDeadLettersRequest{All: true, DryRun: true, Limit: 3})
	if err != nil || again.GetMatched() != 3 || again.GetRetried() != 0 {
		t.Errorf("a dry run: %v, %v", again, err)
	}
	again, err = asked.RetryDeadLetters(t.Context(), &adminpb.RetryDeadLettersRequest{All: true, Limit: 3})
	if err != nil || again.GetMatched() != 3 || again.GetRetried() != 3 || letters(t, asked) != "2@c" {
		t.Errorf("retry: %v, %v", again, err)
	}
	for _, x := range again.GetDeadLetters() {
		if r := c[0].result(t, x.GetNewId()); r.GetStatus() != pb.TaskResponse_SUCCESS {
			t.Errorf("%v: %v", x, r)
		}
	}

	c[2].line.Swallow()
	defer c[2].line.Heal()
	list, err := asked.ListDeadLetters(t.Context(), &adminpb.ListDeadLettersRequest{})
	if err != nil || !slices.Equal(list.GetUnansweredNodes(), []string{"c"}) {
		t.Errorf("c doesn't answer: %v, %v", list, err)
	}
}

// TestDeadLettersOfANodeThatIsGone are those of a node that has taken them over, which
// needs not have their method.
func TestDeadLettersOfANodeThatIsGone(t *testing.T) {
	var b bridge
	c := start(t, 3, func(cfg *server.Config) { cfg.AdminAddr = "127.0.0.1:0" }, b.on("bc"))
	c[1].dies(t, "1")
	c[1].stop()
	asked := c[0].operators(t)
	until(t, "another node has the dead letter", func() bool {
		page, err := asked.ListDeadLetters(t.Context(), &adminpb.ListDeadLettersRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.GetUnansweredNodes()) > 0 || len(page.GetDeadLetters()) != 1 { // it is on its way
			return false
		}
		x := page.GetDeadLetters()[0].GetExecution()
		return x.GetId() == "1" && x.GetNodeId() != "b"
	})
	b.mended.Store(true)
	again, err := asked.RetryDeadLetters(t.Context(), &adminpb.RetryDeadLettersRequest{All: true})
	if err != nil || again.GetRetried() != 1 || letters(t, asked) != "" {
		t.Fatalf("retry: %v, %v", again, err)
	}
	if r := c[0].result(t, again.GetDeadLetters()[0].GetNewId()); r.GetResult() != "crossed on c" {
		t.Errorf("it ended as %v", r)
	}
}
