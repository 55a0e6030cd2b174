package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	Node string `arg:"" complete:"node" help:"The node's id."`
}

// Run says so.
func (r *removeNodeCommand) Run(ctx context.Context, s *Session) error {
	err := s.Client.RemoveNode(ctx, r.Node, "")
	return s.say(err, map[string]any{"removed": r.Node}, r.Node+" is removed")
}

// replaceNodeCommand removes a node that another one replaces.
type replaceNodeCommand struct {
	Node string `arg:"" complete:"node" help:"The id of the node that is gone."`
	By   string `arg:"" complete:"node" help:"The id of the node in its place, which must be alive."`
}

// Run says so.
func (r *replaceNodeCommand) Run(ctx context.Context, s *Session) error {
	err := s.Client.RemoveNode(ctx, r.Node, r.By)
	return s.say(err, map[string]any{"removed": r.Node, "replaced_by": r.By}, r.Node+" is removed, and "+r.By+" has its place")
}

// Run asks the server and prints its answer.
func (nodesCommand) Run(ctx context.Context, s *Session) error {
	all, err := s.Client.Nodes(ctx)
	return s.show(err, all, func(t *table.Table) {
		t.Row("NODE", "ADDRESS", "VERSION", "STATE", "SEEN", "PENDING", "RUNNING", "KEPT", "METHODS", "LAG", "DISK", "FREE")
		for i := range all.Nodes {
			n := &all.Nodes[i]
			t.Row(table.ID(n.ID), n.Address, table.OrDash(n.Version), nodeState(n, all.Unanswered), table.Time(n.Seen),
				n.Pending, n.Running, n.Kept, n.Methods, n.Lag, sizeOrDash(n.DiskBytes), sizeOrDash(n.DiskFree))
		}
		below(t, &all)
	})
}

// below prints what is said of the nodes together.
func below(t *table.Table, all *admin.Cluster) {
	var versions []string
	for i := range all.Nodes {
		if v := all.Nodes[i].Version; all.Nodes[i].Alive && v != "" && !slices.Contains(versions, v) {
			versions = append(versions, v)
		}
	}
	if len(versions) > 1 {
		t.Below("Their versions differ: " + strings.Join(versions, ", "))
	}
	if slices.ContainsFunc(all.Nodes, func(n admin.Node) bool { return n.TakenOver }) {
		t.Below("A node that doesn't come back is to be removed or replaced: see admin cluster remove --help.")
	}
	unanswered(t, all.Unanswered, "their numbers are what they have told last")
	for _, s := range all.Streams {
		t.Below(streamText(&s))
	}
	if all.StreamsError != "" {
		t.Below("What the servers keep is not known: " + all.StreamsError)
	}
}

// streamText describes a stream and its copies.
func streamText(s *admin.StoredStream) string {
	text := fmt.Sprintf("Stream %s has %d messages, %s", s.Name, s.Messages, table.Size(s.Bytes))
	if len(s.Copies) == 0 || len(s.Copies) == 1 && s.Copies[0].Current {
		return text
	}
	copies := make([]string, len(s.Copies))
	for i, c := range s.Copies {
		switch copies[i] = c.Server; {
		case c.Offline:
			copies[i] += " (not reached)"
		case c.Server == s.Leader:
			copies[i] += " (leads)"
		case !c.Current:
			copies[i] += fmt.Sprintf(" (%d behind)", c.Lag)
		}
	}
	if s.Leader == "" {
		text += ", no leader"
	}
	return text + ": " + strings.Join(copies, ", ")
}

// unanswered says which nodes have not answered, and what follows from that.
func unanswered(t *table.Table, nodes []string, so string) {
	if len(nodes) > 0 {
		t.Below("These nodes have not answered: " + strings.Join(nodes, ", ") + "; " + so + ".")
	}
}

func sizeOrDash(bytes uint64) string {
	if bytes == 0 {
		return "-"
	}
	return table.Size(bytes)
}

// nodeState is how a node is, in a word or two.
func nodeState(n *admin.Node, unanswered []string) string {
	state := "alive"
	switch {
	case n.TakenOver && n.Left:
		state = "stopped"
	case n.TakenOver:
		state = "gone, taken over"
	case !n.Alive:
		state = "gone"
	case slices.Contains(unanswered, n.ID):
		state = "no answer"
	case n.Starting:
		state = "starting"
	case n.Draining:
		state = "draining"
	}
	if n.Leader {
		state += ", leads"
	}
	if n.Self {
		state += ", asked"
	}
	return state
}
