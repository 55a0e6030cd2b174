package builtin

import (
	"context"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// How long the async tasks pretend to wait for someone else's answer.
const (
	deleteWait    = 100 * time.Millisecond
	fibonacciWait = 50 * time.Millisecond
)

var _ = task.Async(deleteItems, task.Name("delete"), task.Params("items"),
	task.Doc("Counts items, after a while. Deletes nothing."))

// deleteItems tells, after a while, how many items it was given. It deletes nothing.
func deleteItems(ctx context.Context, items []task.Value) (string, error) {
	if err := wait(ctx, deleteWait); err != nil {
		return "", err
	}
	return fmt.Sprintf("Deleted %d items", len(items)), nil
}

var _ = task.Async(fibonacci, task.Params("n", "others"), task.Doc("Returns the nth Fibonacci number, after a while."))

// fibonacci returns, after a while, the nth Fibonacci number. What can't be
// answered is refused without waiting.
func fibonacci(ctx context.Context, n int32, _ ...task.Value) (uint64, error) {
	const last = 93 // the last one that fits into 64 bits
	switch {
	case n < 0:
		return 0, task.Errorf(task.InvalidArgument, "n is %d: want 0 or more", n)
	case n > last:
		return 0, task.Errorf(task.InvalidArgument, "n is %d: past %d the number does not fit into 64 bits", n, last)
	}
	if err := wait(ctx, fibonacciWait); err != nil {
		return 0, err
	}
	var a, b uint64 = 0, 1
	for range n {
		a, b = b, a+b
	}
	return a, nil
}

// wait returns after d, or with the context's error once that has ended.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
