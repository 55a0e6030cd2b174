package admin

import (
	"context"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// clusterCommand shows the nodes.
type clusterCommand struct{}

// Run asks the server and prints its answer.
func (clusterCommand) Run(ctx context.Context, s *Session) error {
	nodes, err := s.Client.Nodes(ctx)
	return s.show(err, map[string]any{"nodes": nodes}, func(t *table.Table) {
		t.Row("NODE", "ADDRESS", "VERSION", "STATE", "SEEN", "PENDING", "RUNNING", "KEPT", "METHODS")
		for i := range nodes {
			n := &nodes[i]
			t.Row(table.ID(n.ID), n.Address, table.OrDash(n.Version), nodeState(n), table.Time(n.Seen), n.Pending, n.Running, n.Kept, n.Methods)
		}
	})
}

// nodeState is how a node is, in a word or two.
func nodeState(n *admin.Node) string {
	state := "alive"
	switch {
	case !n.Alive:
		state = "gone"
	case n.Draining:
		state = "draining"
	}
	if n.Self {
		state += ", asked"
	}
	return state
}
