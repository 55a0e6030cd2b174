package scheduler_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestATaskMadeDurableBetweenAttempts goes on counting them, with what it was submitted
// with and not with what the submission asks for that joined it.
func TestATaskMadeDurableBetweenAttempts(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		var calls []string
		fails := func(l *life) {
			l.add(t, task.NewAsync, "fails", func(ctx context.Context, word string) error {
				calls = append(calls, fmt.Sprint(word, task.CallOf(ctx).Attempt))
				return task.Errorf(task.Unavailable, "again")
			})
		}
		l := d.live(t, scheduler.Config{}, fails)
		policy := &scheduler.RetryPolicy{MaxAttempts: 3, InitialBackoff: 2 * time.Hour, MaxBackoff: 2 * time.Hour}
		first := request("a", "fails", "mine")
		first.Retry = policy
		go func() { _, _ = l.Submit(t.Context(), first) }()
		elapse(time.Minute)
		l.keep(t, request("a", "fails", "theirs"))
		elapse(3 * time.Hour) // the second one has failed too
		l.die(t)
		l = d.live(t, scheduler.Config{}, fails)
		if o, _ := l.wait(t, "a"); o.Attempt != 3 || fmt.Sprint(calls) != "[mine1 mine2 mine3]" {
			t.Errorf("%+v, calls: %q", o, calls)
		}
		l.stop(t)
	})
}

// TestWhatATaskIsAnotherTryOf is known in the next process.
func TestWhatATaskIsAnotherTryOf(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		l := d.live(t, scheduler.Config{})
		again := at(request("again", "join"), time.Hour)
		again.RetryOf, again.Retry = "first", &scheduler.RetryPolicy{MaxAttempts: 2}
		l.keep(t, again)
		synctest.Wait()
		l.die(t)
		l = d.live(t, scheduler.Config{})
		if list := l.Executions(); len(list) != 1 || list[0].RetryOf != "first" {
			t.Errorf("%+v", list)
		}
		l.wait(t, "again")
		l.stop(t)
	})
}
