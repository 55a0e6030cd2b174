package server

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cluster"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/service"
)

// takeFrom takes over what another node, which lives, has accepted.
func (s *Server) takeFrom(ctx context.Context, from string, tasks []queue.Record) error {
	_, err := s.scheduler.TakeOver(ctx, from, tasks, service.Decode)
	return err
}

// handOverTime bounds how long a node that takes no more tasks looks for others that
// take those that it has accepted.
const handOverTime = 30 * time.Second

// handOver hands over what was accepted and has not begun, though the server goes on.
func (s *Server) handOver() {
	ctx, cancel := context.WithTimeout(context.Background(), handOverTime)
	defer cancel()
	if n := s.scheduler.HandOver(ctx); n > 0 {
		s.config.Logger.Info("accepted tasks go on at other nodes", "tasks", n)
	}
}

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
