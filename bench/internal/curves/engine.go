package curves

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/task"
)

// An engine is a scheduler as the server sets it up, whose store keeps so many
// outcomes, with the tasks nothing, which ends at once, and gate, which ends when
// it is opened.
type engine struct {
	*scheduler.Scheduler

	registry *task.Registry
	gate     chan struct{}
	made     int // ids
	close    func()
}

func newEngine(capacity int, more ...*task.Task) (*engine, error) {
	kept, err := memory.New(memory.Config{TTL: 10 * time.Minute, Capacity: capacity, Memory: 1 << 30})
	if err != nil {
		return nil, err
	}
	e := &engine{registry: new(task.Registry), gate: make(chan struct{}), close: kept.Close}
	nothing, err := task.NewSync(func() string { return "" }, task.Name("nothing"))
	if err != nil {
		return nil, err
	}
	gate, err := task.NewAsync(func(context.Context) string { <-e.gate; return "" }, task.Name("gate"))
	if err != nil {
		return nil, err
	}
	if err := e.registry.Add(append(more, nothing, gate)...); err != nil {
		return nil, err
	}
	e.Scheduler = scheduler.New(scheduler.Config{
		Tasks: e.registry, Store: kept, Logger: slog.New(slog.DiscardHandler), MaxPending: 100_000,
	})
	return e, nil
}

// id makes one.
func (e *engine) id() string {
	e.made++
	return "task-" + strconv.Itoa(e.made)
}

// submit submits a task that waits for others, detached if it can't end at once.
func (e *engine) submit(ctx context.Context, method string, detached bool, deps ...string) (id string, err error) {
	id = e.id()
	_, err = e.Submit(ctx, scheduler.Request{ID: id, Method: method, Deps: deps, Detached: detached})
	return id, err
}

// ended waits until a task has ended well.
func (e *engine) ended(ctx context.Context, id string) error {
	outcome, known, err := e.Wait(ctx, id)
	if err == nil && (!known || outcome.State != scheduler.Succeeded) {
		err = fmt.Errorf("task %s: %+v", id, outcome)
	}
	return err
}

// open lets the tasks gate end.
func (e *engine) open() { close(e.gate) }
