package cmd_test

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/taskscheduler/taskscheduler/task"
)

var (
	_ = task.Async(speak)
	_ = task.Sync(hush)
)

// hushes are the channels by which hush ends those who speak.
var hushes sync.Map

func hushOf(name string) chan struct{} {
	c, _ := hushes.LoadOrStore(name, make(chan struct{}))
	return c.(chan struct{})
}

// speak says something, until hush is called for the same name.
func speak(ctx context.Context, name string, fail *bool) (string, error) {
	task.Logger(ctx).InfoContext(ctx, "I am "+name+"\x1b[2J", "told", 1)
	task.Progress(ctx, 0.5, "half")
	fmt.Fprintln(os.Stderr, name, "speaks")
	select {
	case <-hushOf(name):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if fail != nil && *fail {
		return "", task.Errorf(task.FailedPrecondition, "no words")
	}
	return name + " spoke", nil
}

func hush(name string) { close(hushOf(name)) }
