package server

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/cluster"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// knownNodes are the nodes as operators see them.
func (s *Server) knownNodes() *knownNodes { return &knownNodes{Cluster: s.cluster, server: s} }

// knownNodes has at least this one.
type knownNodes struct {
	*cluster.Cluster // nil: there are no others

	server *Server
}

// Nodes implements what the admin service wants.
func (n *knownNodes) Nodes() (all []*adminpb.Node, seen []time.Time) {
	own := n.server.self()
	all, seen = []*adminpb.Node{newNode(n.server.nodeID, &own)}, []time.Time{time.Now()}
	all[0].Self, all[0].Alive = true, true
	if space := n.server.data.space; space != nil {
		all[0].DiskFreeBytes = uint64(max(space.Free(), 0))
	}
	if n.Cluster == nil {
		return all, seen
	}
	for _, p := range n.Members() {
		node := newNode(p.ID, &p.Member)
		node.Alive = p.Alive
		all, seen = append(all, node), append(seen, p.Seen)
	}
	for _, d := range n.Departed() {
		all = append(all, &adminpb.Node{
			Id: d.ID, Address: d.Address, Version: d.Version, Left: d.Left, TakenOver: true,
		})
		seen = append(seen, d.Seen)
	}
	return all, seen
}

// Alone implements what the admin service wants.
func (n *knownNodes) Alone() bool { return n.Cluster == nil }

// Streams implements what the admin service wants.
func (n *knownNodes) Streams(ctx context.Context, nodes []*adminpb.Node) ([]*adminpb.StoredStream, error) {
	engine := n.server.data.engine
	if engine == nil {
		return nil, nil
	}
	status, err := engine.Status(ctx)
	streams := make([]*adminpb.StoredStream, 0, len(status.Streams))
	for _, s := range status.Streams {
		stored := &adminpb.StoredStream{Name: s.Name, Messages: s.Messages, Bytes: s.Bytes, Leader: s.Leader}
		for _, c := range s.Copies {
			stored.Copies = append(stored.Copies, &adminpb.StoredCopy{
				Server: c.Server, Current: c.Current, Lag: c.Lag, Offline: c.Offline,
			})
		}
		streams = append(streams, stored)
	}
	for _, node := range nodes {
		n.describeServer(node, &status)
	}
	return streams, err
}

// describeServer says what the server that a node has for itself has of the data.
func (n *knownNodes) describeServer(node *adminpb.Node, status *nats.Status) {
	if n.server.config.DataDir == "" {
		return // the servers are others
	}
	name := nats.ServerName(node.GetId())
	node.Leader = status.Leader == name
	for _, s := range status.Streams {
		if n.Cluster == nil {
			node.DiskBytes += s.Bytes
			continue
		}
		for _, c := range s.Copies {
			if c.Server == name {
				node.DiskBytes += s.Bytes
				node.Lag += c.Lag
			}
		}
	}
}

func newNode(id string, m *members.Member) *adminpb.Node {
	return &adminpb.Node{
		Id: id, Address: m.Address, Version: m.Version, Draining: m.Draining && !m.Starting, Starting: m.Starting, Left: m.Left,
		Pending: rpc.Count(m.Pending), Running: rpc.Count(m.Running), Kept: rpc.Count(m.Queued),
		Methods: rpc.Count(len(m.Methods)), DeadLetters: rpc.Count(m.Letters),
	}
}
