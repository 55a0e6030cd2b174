package admin

import (
	"context"
	"slices"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// isOther tells whether a request names a node that isn't this one. What another node
// asks is always meant for this one: nothing goes round.
func (s *service) isOther(ctx context.Context, node string) bool {
	return node != "" && node != s.config.NodeID && !isFromNode(ctx)
}

// askNode has another node answer a request, in the name of ctx's caller. Its errors
// are of package task.
func askNode[Request, Response any](
	ctx context.Context, s *service, node string, request *Request,
	ask func(adminpbconnect.AdminServiceClient, context.Context, *Request) (*Response, error),
) (*Response, error) {
	nodes, _ := s.config.Cluster.Nodes()
	at := slices.IndexFunc(nodes, func(n *pb.Node) bool { return n.GetId() == node })
	switch {
	case at < 0:
		return nil, task.Errorf(task.NotFound, "there is no node %.100q in the cluster: ListNodes has those that there are", node)
	case !nodes[at].GetAlive():
		return nil, task.Errorf(task.Unavailable, "node %s is gone", node)
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	client, ctx := s.node(ctx, node)
	response, err := ask(client, ctx, request)
	switch {
	case err == nil:
		return response, nil
	case connect.IsWireError(err):
		return nil, saidBy(err)
	default:
		return nil, task.Errorf(task.Unavailable, "node %s does not answer", node)
	}
}
