package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/task"
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
	// DeadLetters is how many of its tasks have used up their attempts.
	DeadLetters int `json:"dead_letters"`
	// TakenOver: it is gone since Seen, and others have taken over what it had kept. Left:
	// it had been stopped.
	TakenOver bool `json:"taken_over,omitempty"`
	Left      bool `json:"left,omitempty"`
	// Starting: it has begun, and does not take tasks yet.
	Starting bool `json:"starting,omitempty"`
	// DiskFree is how many bytes are free on the disk of its data directory; 0 if it has
	// none, or doesn't tell.
	DiskFree uint64 `json:"disk_free_bytes,omitempty"`
	// What follows is of nodes that are their own NATS servers. Leader: it decides which
	// nodes keep what. Lag is how many messages its copies of the cluster's data are
	// behind, and DiskBytes how much they take.
	Leader    bool   `json:"leader,omitempty"`
	Lag       uint64 `json:"lag,omitempty"`
	DiskBytes uint64 `json:"disk_bytes,omitempty"`
}

// Cluster is the nodes that share tasks, and where they keep them.
type Cluster struct {
	// Nodes has the one that was asked first, the others by id. Without a cluster it is
	// alone.
	Nodes []Node `json:"nodes"`
	// Unanswered are the ids of those that live and did not answer in time: their numbers
	// are what they have told last.
	Unanswered []string `json:"unanswered_nodes,omitempty"`
	// Streams are where results and tasks are kept; none in memory.
	Streams []StoredStream `json:"streams,omitempty"`
	// StreamsError is why that is not known.
	StreamsError string `json:"streams_error,omitempty"`
}

// StoredStream is a stream of NATS in which nodes keep results, tasks, or what they
// tell of themselves.
type StoredStream struct {
	Name     string `json:"name"`
	Messages uint64 `json:"messages"`
	// Bytes is how much a copy takes.
	Bytes uint64 `json:"bytes"`
	// Leader is the NATS server that leads it; empty while they choose one, and where
	// there is only one copy.
	Leader string       `json:"leader,omitempty"`
	Copies []StoredCopy `json:"copies,omitempty"`
}

// StoredCopy is a NATS server's copy of a stream.
type StoredCopy struct {
	Server string `json:"server"`
	// Current: it has all that the leader has; else it is Lag messages behind.
	Current bool   `json:"current"`
	Lag     uint64 `json:"lag,omitempty"`
	// Offline: the leader does not reach it.
	Offline bool `json:"offline,omitempty"`
}

// silent is the error when nodes have not answered a change.
func silent(nodes []string) error {
	return task.Errorf(task.Unavailable, "these nodes have not answered, and what they have is as it was: %s", strings.Join(nodes, ", "))
}

// addNew adds the nodes that are not among those known.
func addNew(known, nodes []string) []string {
	for _, node := range nodes {
		if !slices.Contains(known, node) {
			known = append(known, node)
		}
	}
	return known
}

// Nodes returns the nodes of the server's cluster.
func (c *Client) Nodes(ctx context.Context) (Cluster, error) {
	response, err := call(ctx, c, c.rpc.ListNodes, &adminpb.ListNodesRequest{})
	if err != nil {
		return Cluster{}, err
	}
	all := Cluster{Nodes: []Node{}, Unanswered: response.GetUnansweredNodes(), StreamsError: response.GetStreamsError()}
	for _, n := range response.GetNodes() {
		all.Nodes = append(all.Nodes, Node{
			ID: n.GetId(), Address: n.GetAddress(), Version: n.GetVersion(), Alive: n.GetAlive(), Seen: moment(n.GetSeenAt()),
			Self: n.GetSelf(), Draining: n.GetDraining(), Pending: int(n.GetPending()), Running: int(n.GetRunning()),
			Kept: int(n.GetKept()), Methods: int(n.GetMethods()), DiskFree: n.GetDiskFreeBytes(),
			DeadLetters: int(n.GetDeadLetters()), TakenOver: n.GetTakenOver(), Left: n.GetLeft(), Starting: n.GetStarting(),
			Leader: n.GetLeader(), Lag: n.GetLag(), DiskBytes: n.GetDiskBytes(),
		})
	}
	for _, s := range response.GetStreams() {
		stream := StoredStream{Name: s.GetName(), Messages: s.GetMessages(), Bytes: s.GetBytes(), Leader: s.GetLeader()}
		for _, c := range s.GetCopies() {
			stream.Copies = append(stream.Copies, StoredCopy{c.GetServer(), c.GetCurrent(), c.GetLag(), c.GetOffline()})
		}
		all.Streams = append(all.Streams, stream)
	}
	return all, nil
}

// RemoveNode has the cluster forget a node that is gone for good. by is the node that
// has come in its place; empty: none.
func (c *Client) RemoveNode(ctx context.Context, node, by string) error {
	_, err := call(ctx, c, c.rpc.RemoveNode, &adminpb.RemoveNodeRequest{NodeId: node, ReplacedBy: by})
	return err
}
