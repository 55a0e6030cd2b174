package admin

import (
	"context"
	"maps"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
)

var roleNumbers = map[adminport.Role]pb.Role{
	adminport.Viewer:   pb.Role_ROLE_VIEWER,
	adminport.Operator: pb.Role_ROLE_OPERATOR,
	adminport.Admin:    pb.Role_ROLE_ADMIN,
}

// WhoAmI implements the rpc of that name.
func (s *service) WhoAmI(ctx context.Context, _ *pb.WhoAmIRequest) (*pb.WhoAmIResponse, error) {
	caller := adminport.CallerOf(ctx)
	response := &pb.WhoAmIResponse{
		Name:          text(caller.Name),
		Role:          roleNumbers[caller.Role],
		Peer:          caller.Peer,
		NodeId:        s.config.NodeID,
		Version:       s.config.Version,
		ValuesHidden:  s.hidesValues(ctx),
		ArgumentsKept: s.config.KeepArguments,
	}
	if s.config.PluginUpload {
		response.PluginUpload, response.MaxPluginBytes = true, maxPlugin
	}
	if !caller.SessionEnds.IsZero() {
		response.SessionEndsAt = timestamppb.New(caller.SessionEnds)
	}
	for _, rpc := range slices.Sorted(maps.Keys(roles)) {
		if roles[rpc] <= caller.Role {
			response.Rpcs = append(response.Rpcs, rpc)
		}
	}
	return response, nil
}

// hidesValues tells whether a caller may not see what tasks are called with, return
// and say.
func (s *service) hidesValues(ctx context.Context) bool {
	hidden := s.config.HideValues || ctx.Value(hiddenKey{}) != nil
	return hidden && adminport.CallerOf(ctx).Role < adminport.Operator
}

// withhold returns a message, or, if it is hidden and there is one, that there is: the
// last words of a plugin's process are what its tasks have printed.
func withhold(message string, hidden bool) string {
	if hidden && message != "" {
		return "why isn't shown to viewers here"
	}
	return message
}
