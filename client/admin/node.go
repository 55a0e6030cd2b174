package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Node is a server of a cluster, as the one that was asked sees it.
type Node struct {
	ID string `json:"id"`
	// Address is where clients reach it.
	Address string `json:"address"`
	Version string `json:"version"`
	// Alive: it has given a sign of life within the lease, the last one when Seen says.
	Alive bool      `json:"alive"`
	Seen  time.Time `json:"seen_at"`
	// Self: it is the one that was asked.
	Self bool `json:"self,omitempty"`
	// Draining: it takes no new tasks.
	Draining bool `json:"draining,omitempty"`
	// Pending and Running are tasks that it has not ended; Kept of them are kept, and go
	// on elsewhere when it is gone.
	Pending int `json:"pending_tasks"`
	Running int `json:"running_tasks"`
	Kept    int `json:"kept_tasks"`
	// Methods is how many it can run.
	Methods int `json:"methods"`
}

// Nodes lists the nodes of the server's cluster: the server first, the others by id.
func (c *Client) Nodes(ctx context.Context) ([]Node, error) {
	response, err := call(ctx, c, c.rpc.ListNodes, &adminpb.ListNodesRequest{})
	if err != nil {
		return nil, err
	}
	list := []Node{} // no JSON of it is null
	for _, n := range response.GetNodes() {
		list = append(list, Node{
			ID: n.GetId(), Address: n.GetAddress(), Version: n.GetVersion(), Alive: n.GetAlive(), Seen: moment(n.GetSeenAt()),
			Self: n.GetSelf(), Draining: n.GetDraining(), Pending: int(n.GetPending()), Running: int(n.GetRunning()),
			Kept: int(n.GetKept()), Methods: int(n.GetMethods()),
		})
	}
	return list, nil
}

// RemoveNode has the cluster forget a node that is gone for good. by is the node that
// has come in its place; empty: none.
func (c *Client) RemoveNode(ctx context.Context, node, by string) error {
	_, err := call(ctx, c, c.rpc.RemoveNode, &adminpb.RemoveNodeRequest{NodeId: node, ReplacedBy: by})
	return err
}
