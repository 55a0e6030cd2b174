package admin

import (
	"context"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// clusterCommand is about the nodes.
type clusterCommand struct {
	List    nodesCommand       `cmd:"" default:"1" help:"List the nodes: whether they live, and what they have to do."`
	Remove  removeNodeCommand  `cmd:"" help:"Have the cluster forget a node that is gone for good: the others take over its tasks."`
	Replace replaceNodeCommand `cmd:"" help:"Remove a node in whose place a new one has come, which gets copies of what that had."`
}

// nodesCommand shows the nodes.
type nodesCommand struct{}

// removeNodeCommand removes a node.
type removeNodeCommand struct {
	Node string `arg:"" help:"The node's id."`
}

// Run says so.
func (r *removeNodeCommand) Run(ctx context.Context, s *Session) error {
	err := s.Client.RemoveNode(ctx, r.Node, "")
	return s.say(err, map[string]any{"removed": r.Node}, r.Node+" is removed")
}

// replaceNodeCommand removes a node that another one replaces.
type replaceNodeCommand struct {
	Node string `arg:"" help:"The id of the node that is gone."`
	By   string `arg:"" help:"The id of the node in its place, which must be alive."`
}

// Run says so.
func (r *replaceNodeCommand) Run(ctx context.Context, s *Session) error {
	err := s.Client.RemoveNode(ctx, r.Node, r.By)
	return s.say(err, map[string]any{"removed": r.Node, "replaced_by": r.By}, r.Node+" is removed, and "+r.By+" has its place")
}

// Run asks the server and prints its answer.
func (nodesCommand) Run(ctx context.Context, s *Session) error {
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
