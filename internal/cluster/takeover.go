package cluster

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// Kept are the accepted tasks of this node, and the way to those of others.
type Kept struct {
	Scheduler *scheduler.Scheduler
	Queue     *queue.Queue
	// Decode is as for [scheduler.Scheduler.Restore].
	Decode func([]byte) (scheduler.Request, error)
	// TakeLog takes over the log of a node that is gone. drop drops what is in it.
	TakeLog func(ctx context.Context, node string) (log queue.Log, drop func() error, err error)
	// GiveUp lets go of what else the queue has kept.
	GiveUp func()
	Logger *slog.Logger
}

// TakeOver has this node go on with the kept tasks of nodes that are gone, and give its
// own up when others have done so because they took it for dead. It is called once the
// scheduler has restored what this node had kept itself.
func TakeOver(nodes *members.Members, kept Kept) {
	nodes.OnFenced(func(context.Context) { kept.giveUp() })
	nodes.OnGone(func(ctx context.Context, node string, _ uint64) error { return kept.takeOver(ctx, node) })
}

// takeOver goes on with what a node that is gone has kept. Only when this node has all
// of it is it dropped there: whoever takes over after a crash in between finds it again.
func (k *Kept) takeOver(ctx context.Context, node string) error {
	log, drop, err := k.TakeLog(ctx, node)
	if err != nil {
		return err
	}
	records, err := queue.Records(log)
	if err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	n, err := k.Scheduler.TakeOver(ctx, node, records, k.Decode)
	if err != nil {
		return err
	}
	if n > 0 {
		k.Logger.Info("accepted tasks of another node go on here", "tasks", n, "gone", node)
	}
	return drop()
}

func (k *Kept) giveUp() {
	if n := k.Scheduler.GiveUp(); n > 0 {
		k.Logger.Warn("accepted tasks go on at other nodes, which took this one for dead", "tasks", n)
	}
	k.GiveUp()
	k.Queue.Restart()
}
