package admin

import (
	"context"
	"log/slog"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// RemoveNode implements the rpc of that name.
func (s *service) RemoveNode(ctx context.Context, request *pb.RemoveNodeRequest) (*pb.RemoveNodeResponse, error) {
	err := error(task.Errorf(task.FailedPrecondition, "this server is none of a cluster"))
	switch {
	case request.GetNodeId() == "":
		err = task.Errorf(task.InvalidArgument, "name the node")
	case s.config.RemoveNode != nil:
		err = s.config.RemoveNode(ctx, request.GetNodeId(), request.GetReplacedBy())
	}
	s.audit(ctx, "remove node", request.GetNodeId(), err, slog.String("replaced_by", request.GetReplacedBy()))
	if err != nil {
		return nil, rpc.Error(err)
	}
	return &pb.RemoveNodeResponse{}, nil
}
