package admin

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
)

// ListNodes implements the rpc of that name. Another node that asks gets this one
// alone.
func (s *service) ListNodes(ctx context.Context, request *pb.ListNodesRequest) (*pb.ListNodesResponse, error) {
	nodes := s.nodesNow()
	if isFromNode(ctx) {
		return &pb.ListNodesResponse{Nodes: nodes[:1]}, nil
	}
	response := &pb.ListNodesResponse{Nodes: nodes}
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.ListNodes) {
		if errors.Is(r.err, errGone) {
			continue // as it is listed
		}
		if r.err != nil || !update(nodes, r.node, r.response.GetNodes()) {
			response.UnansweredNodes = append(response.UnansweredNodes, r.node)
		}
	}
	var err error
	if response.Streams, err = s.config.Cluster.Streams(ctx, nodes); err != nil {
		response.StreamsError = err.Error()
	}
	return response, nil
}

// nodesNow are the nodes as this one has last heard of them.
func (s *service) nodesNow() []*pb.Node {
	nodes, seen := s.config.Cluster.Nodes()
	for i, node := range nodes {
		node.SeenAt = timestamppb.New(seen[i])
	}
	return nodes
}

// update replaces what is known of a node by what it says of itself, but for whether
// it is heard of. It reports whether it has said something.
func update(nodes []*pb.Node, id string, said []*pb.Node) bool {
	for _, now := range said {
		if !now.GetSelf() || now.GetId() != id {
			continue
		}
		for i, known := range nodes {
			if known.GetId() == id {
				now.Self, now.Alive, now.SeenAt = false, known.GetAlive(), known.GetSeenAt()
				nodes[i] = now
			}
		}
		return true
	}
	return false
}
