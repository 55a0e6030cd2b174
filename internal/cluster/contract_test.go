package cluster_test

import (
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/anypb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestContract: the contract's tasks are the same where the node that is asked has
// none of them, and what one has done all tell.
func TestContract(t *testing.T) {
	c := start(t, 2, func(cfg *server.Config) {
		if cfg.NodeID == "a" {
			cfg.Tasks = new(task.Registry)
			if err := cfg.Tasks.Add(only("a")); err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, test := range contracttest.Cases(t) {
		t.Run(test.Name(), func(t *testing.T) {
			request := &pb.TaskRequest{TaskId: t.Name(), Method: test.Method}
			for _, arg := range test.Args {
				url, value, err := wire.Encode(arg)
				if err != nil {
					t.Fatal(err)
				}
				request.Args = append(request.Args, &anypb.Any{TypeUrl: url, Value: value})
			}
			for _, n := range c {
				answer, err := n.SubmitTask(t.Context(), request)
				code, message := "", ""
				if err != nil {
					code, message = strings.ToUpper(connect.CodeOf(err).String()), err.Error()
				}
				if answer.GetResult() != test.Result || code != test.Error || !strings.Contains(message, test.Message) {
					t.Errorf("on %s: got %q, %s %q; want %q, %s %q", n.id, answer.GetResult(), code, message, test.Result, test.Error, test.Message)
				}
				if err == nil && answer.GetNodeId() != "b" {
					t.Errorf("on %s: it ran on %s", n.id, answer.GetNodeId())
				}
			}
		})
	}
}
