package server

import (
	"context"
	"errors"

	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/task"
)

// nodeRemover returns what removes a node from the cluster; nil: there is none.
func (s *Server) nodeRemover() func(ctx context.Context, node, by string) error {
	engine := s.data.engine
	if engine == nil || engine.Members() == nil {
		return nil
	}
	return func(ctx context.Context, node, by string) error {
		if by != "" && by != s.nodeID {
			if peer, ok := engine.Members().Peer(by); !ok || !peer.Alive {
				return task.Errorf(task.FailedPrecondition, "node %q is to take the place, and does not live: start it first", by)
			}
		}
		switch err := engine.Remove(ctx, node); {
		case errors.Is(err, nats.ErrAlive):
			return task.Errorf(task.FailedPrecondition, "%w", err)
		case errors.Is(err, nats.ErrNoNode):
			return task.Errorf(task.NotFound, "%w", err)
		case err != nil:
			return task.Errorf(task.Unavailable, "%w", err)
		}
		return nil
	}
}
