package cluster_test

import (
	"fmt"
	"testing"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestVeryManyMethods: a node may have more of them than a message to the NATS server
// holds, and the others know when they change.
func TestVeryManyMethods(t *testing.T) {
	const many = 40_000 // 8 MB of names, where a message may have 6 MiB
	registry := new(task.Registry)
	name := func(i, version int) string { return fmt.Sprintf("many_%0200d_%d", i, version) }
	tasks := func(n, version int) (all []*task.Task) {
		for i := range n {
			x := must(task.NewSync(func() int { return version }, task.Name(name(i, version))))
			x.Source = "many"
			all = append(all, x)
		}
		return all
	}
	c := start(t, 2, func(cfg *server.Config) {
		if cfg.NodeID == "b" {
			if err := registry.Add(cfg.Tasks.Tasks()...); err != nil {
				t.Fatal(err)
			}
			cfg.Tasks = registry
		}
	})
	for version, n := range []int{many, many, 1} {
		if err := registry.Replace("many", tasks(n, version)...); err != nil {
			t.Fatal(err)
		}
		last := name(n-1, version)
		until(t, "a knows what b has by now", func() bool {
			answer, err := c[0].SubmitTask(t.Context(), &pb.TaskRequest{Method: last})
			return err == nil && answer.GetNodeId() == "b" && answer.GetResult() == fmt.Sprint(version)
		})
	}
}
