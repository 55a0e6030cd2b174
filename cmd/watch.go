package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/follow"
	"github.com/taskscheduler/taskscheduler/task"
)

// watchCommand follows a task.
type watchCommand struct {
	ID         string     `arg:"" help:"The task's id."`
	JSON       bool       `name:"json" help:"Print the result as one JSON object: task_id, status, result, node_id, error."`
	Connection connection `embed:""`
}

// Help tells what is shown where.
func (watchCommand) Help() string {
	return `What the task says goes to standard error: on a terminal its progress is a bar, with its log above it, elsewhere
each event is a line. At the end its result is printed, as wait does. The task goes on when it is watched no longer, or
the watching is interrupted.

` + exit.CodesHelp
}

// Run shows the task's events, and prints what came of it.
func (w *watchCommand) Run(ctx context.Context, out *output) error {
	c, err := w.Connection.client()
	if err != nil {
		return err
	}
	defer c.Close()
	view := follow.New(out.stderr)
	result := client.Result{ID: w.ID}
	for event, failed := range c.Watch(ctx, w.ID) {
		if err = failed; err != nil {
			break
		}
		view.Show(event)
		if event.Ended != nil {
			result = *event.Ended
		}
	}
	view.Clear()
	if errors.Is(err, context.Canceled) {
		err = task.Errorf(task.Cancelled, "interrupted; the task goes on")
	}
	return out.result(result, err, w.JSON)
}

// follower shows what a task says while its own caller waits for its result.
type follower struct {
	client *client.Client
	view   *follow.View
	ended  chan struct{} // closed when the caller has the result, or never will
	over   chan struct{} // closed when nothing more is shown
	cancel context.CancelFunc
	seen   bool // at least one event
}

// follow shows the events of a task that is about to be submitted.
func (o *output) follow(ctx context.Context, c *client.Client, id string) *follower {
	ctx, cancel := context.WithCancel(ctx)
	f := &follower{
		client: c, view: follow.New(o.stderr), ended: make(chan struct{}), over: make(chan struct{}), cancel: cancel,
	}
	go func() {
		defer close(f.over)
		if err := f.run(ctx, id); err != nil && ctx.Err() == nil {
			f.view.Clear()
			fmt.Fprintf(o.stderr, "can't follow the task, but wait for it: %v\n", exit.OfCall(err))
		}
		f.view.Clear()
	}()
	return f
}

// lastEvents is how long the last events may take when the result is there.
const lastEvents = 2 * time.Second

// stop ends it, when all is shown that has happened if the task has ended.
func (f *follower) stop(ended bool) {
	close(f.ended)
	if !ended {
		f.cancel()
	}
	timer := time.AfterFunc(lastEvents, f.cancel)
	<-f.over
	timer.Stop()
	f.cancel()
}

// run follows the task, which the server may not know yet.
func (f *follower) run(ctx context.Context, id string) error {
	const shortest, longest = 10 * time.Millisecond, 500 * time.Millisecond
	for pause := shortest; ; pause = min(2*pause, longest) {
		err := f.watch(ctx, id)
		if f.seen || task.ErrorOf(err) == nil || task.ErrorOf(err).Code != task.NotFound {
			return err
		}
		select {
		case <-f.ended:
			if err := f.watch(ctx, id); f.seen { // it was very short
				return err
			}
			return nil // it has never been admitted, or nothing is left of it
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *follower) watch(ctx context.Context, id string) error {
	for event, err := range f.client.Watch(ctx, id) {
		if err != nil {
			return err
		}
		f.seen = true
		f.view.Show(event)
	}
	return nil
}
