package server

import (
	"context"

	"github.com/taskscheduler/taskscheduler/internal/cluster"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/service"
)

// takeOver has this node, if there are others, go on with the accepted tasks of those
// that are gone.
func (s *Server) takeOver() {
	engine := s.data.engine
	if engine == nil || engine.Members() == nil {
		return
	}
	cluster.TakeOver(engine.Members(), cluster.Kept{
		Scheduler: s.scheduler,
		Queue:     s.data.queue,
		Decode:    service.Decode,
		TakeLog: func(ctx context.Context, node string) (queue.Log, func() error, error) {
			log, err := engine.TakeLog(ctx, node)
			if err != nil {
				return nil, nil, err
			}
			return log, log.DropAll, nil
		},
		GiveUp: s.letters.GiveUp,
		Logger: s.config.Logger,
	})
}
