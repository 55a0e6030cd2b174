package cmd

import (
	"context"
	"fmt"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// nodeCommand describes a server.
type nodeCommand struct {
	JSON       bool       `name:"json" help:"Print one JSON object: node_id, methods, pending_tasks, running_tasks, peers."`
	Connection connection `embed:""`
}

// Help tells the exit codes.
func (nodeCommand) Help() string { return exit.AskCodesHelp }

// Run asks the server and prints its answer.
func (n *nodeCommand) Run(ctx context.Context, out *output) error {
	c, err := n.Connection.client()
	if err != nil {
		return err
	}
	defer c.Close()
	node, err := c.Node(ctx)
	switch {
	case err != nil:
		return out.failed(err, n.JSON)
	case n.JSON:
		return out.json(newNodeReport(node))
	default:
		return out.node(node)
	}
}

// nodeReport is what --json prints.
type nodeReport struct {
	NodeID       string       `json:"node_id"`
	Methods      []string     `json:"methods"`
	PendingTasks int          `json:"pending_tasks"`
	RunningTasks int          `json:"running_tasks"`
	Peers        []peerReport `json:"peers"`
}

type peerReport struct {
	NodeID  string `json:"node_id"`
	Address string `json:"address"`
	Alive   bool   `json:"alive"`
}

func newNodeReport(node client.Node) nodeReport {
	report := nodeReport{
		NodeID:       node.ID,
		Methods:      append([]string{}, node.Methods...), // [], not null
		PendingTasks: node.Pending,
		RunningTasks: node.Running,
		Peers:        []peerReport{},
	}
	for _, peer := range node.Peers {
		report.Peers = append(report.Peers, peerReport{NodeID: peer.ID, Address: peer.Addr, Alive: peer.Alive})
	}
	return report
}

// node prints a server for people: what it is, then a line for each method.
func (o *output) node(node client.Node) error {
	t := table.New(o.stdout)
	t.Row("node", node.ID)
	t.Row("pending", node.Pending)
	t.Row("running", node.Running)
	for _, peer := range node.Peers {
		state := "dead"
		if peer.Alive {
			state = "alive"
		}
		t.Row("peer", fmt.Sprintf("%s at %s, %s", peer.ID, peer.Addr, state))
	}
	for _, method := range node.Methods {
		t.Row("method", method)
	}
	return t.Flush()
}
