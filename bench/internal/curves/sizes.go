package curves

import (
	"context"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// results is what a task costs when so many have come and gone.
func results() Curve {
	const kept, measured = 1000, 2000
	return Curve{
		Name: "results that came and went", Unit: "a task",
		Sizes: []int{1_000, 10_000, 100_000, 1_000_000, 10_000_000},
		once:  true,
		measure: func(ctx context.Context, sizes []int) ([]time.Duration, error) {
			e, err := newEngine(kept)
			if err != nil {
				return nil, err
			}
			defer e.close()
			costs := make([]time.Duration, len(sizes))
			for i, size := range sizes {
				if err := e.submitMany(ctx, size-e.made); err != nil {
					return nil, err
				}
				if costs[i], err = often(measured, func() error { return e.submitMany(ctx, measured) }); err != nil {
					return nil, err
				}
			}
			return costs, nil
		},
	}
}

// submitMany runs so many tasks, one after the other.
func (e *engine) submitMany(ctx context.Context, n int) error {
	for range n {
		if _, err := e.submit(ctx, "nothing", false); err != nil {
			return err
		}
	}
	return nil
}

// methods is what a task costs when so many methods are registered, each called
// in its turn.
func methods() Curve {
	const calls = 2000
	return Curve{
		Name: "registered methods", Unit: "a task",
		Sizes: []int{100, 1_000, 10_000, 100_000},
		measure: each(func(ctx context.Context, size int) (time.Duration, error) {
			all := make([]*task.Task, size)
			for i := range all {
				var err error
				if all[i], err = task.NewSync(func() string { return "" }, task.Name(fmt.Sprintf("method_%d", i))); err != nil {
					return 0, err
				}
			}
			e, err := newEngine(1000, all...)
			if err != nil {
				return 0, err
			}
			defer e.close()
			next := 0
			return repeated(calls, func() error {
				for range calls {
					next = (next + 7919) % size // a prime: no neighbours
					if _, err := e.submit(ctx, all[next].Name, false); err != nil {
						return err
					}
				}
				return nil
			})
		}),
	}
}

// dependencies is what a task costs that depends on so many that have ended.
func dependencies() Curve {
	return Curve{
		Name: "dependencies that have ended", Unit: "a task or dependency",
		Sizes: []int{1, 10, 100, 1_000},
		measure: each(func(ctx context.Context, size int) (time.Duration, error) {
			e, err := newEngine(10_000)
			if err != nil {
				return 0, err
			}
			defer e.close()
			return repeated(2*size+1, func() error { // those that it depends on are new each time, and counted
				deps := make([]string, size)
				for i := range deps {
					if deps[i], err = e.submit(ctx, "nothing", false); err != nil {
						return err
					}
				}
				_, err := e.submit(ctx, "nothing", false, deps...)
				return err
			})
		}),
	}
}

// fanIn is what a task costs that waits for so many.
func fanIn() Curve {
	return Curve{
		Name: "fan-in: tasks that one waits for", Unit: "a task",
		Sizes: []int{1, 10, 100, 1_000},
		measure: waiting(func(ctx context.Context, e *engine, size int) (last string, err error) {
			deps := make([]string, size)
			for i := range deps {
				if deps[i], err = e.submit(ctx, "gate", true); err != nil {
					return "", err
				}
			}
			return e.submit(ctx, "nothing", true, deps...)
		}),
	}
}

// fanOut is what tasks cost that wait for one.
func fanOut() Curve {
	return Curve{
		Name: "fan-out: tasks that wait for one", Unit: "a task",
		Sizes: []int{1, 10, 100, 1_000, 10_000},
		measure: waiting(func(ctx context.Context, e *engine, size int) (last string, err error) {
			first, err := e.submit(ctx, "gate", true)
			for range size {
				if err == nil {
					last, err = e.submit(ctx, "nothing", true, first)
				}
			}
			return last, err
		}),
	}
}

// chain is what a task costs in a chain, each waiting for the one before.
func chain() Curve {
	return Curve{
		Name: "chain: tasks that wait for the one before", Unit: "a task",
		Sizes: []int{10, 100, 1_000, 10_000},
		measure: waiting(func(ctx context.Context, e *engine, size int) (last string, err error) {
			last, err = e.submit(ctx, "gate", true)
			for range size - 1 {
				if err == nil {
					last, err = e.submit(ctx, "nothing", true, last)
				}
			}
			return last, err
		}),
	}
}

// waiting measures tasks that wait until the gate opens, and are waited for then.
func waiting(submit func(ctx context.Context, e *engine, size int) (last string, err error)) func(context.Context, []int) ([]time.Duration, error) {
	return each(func(ctx context.Context, size int) (time.Duration, error) {
		e, err := newEngine(100_000)
		if err != nil {
			return 0, err
		}
		defer e.close()
		return repeated(size+1, func() error {
			e.gate = make(chan struct{})
			last, err := submit(ctx, e, size)
			e.open()
			if err != nil {
				return err
			}
			if err := e.ended(ctx, last); err != nil {
				return err
			}
			return e.quiet(ctx)
		})
	})
}

// quiet waits until all tasks have ended: one more that is done after them says so.
func (e *engine) quiet(ctx context.Context) error {
	for {
		pending, running := e.Counts()
		if pending+running == 0 {
			return nil
		}
		if _, err := e.Submit(ctx, scheduler.Request{Method: "nothing"}); err != nil {
			return err
		}
	}
}
