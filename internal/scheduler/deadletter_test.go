package scheduler_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// letters are the dead letters of a test, by id.
type letters struct {
	mu   sync.Mutex
	byID map[string]scheduler.DeadLetter
}

func (l *letters) add(t *testing.T) func(scheduler.DeadLetter) {
	t.Helper()
	l.byID = map[string]scheduler.DeadLetter{}
	return func(letter scheduler.DeadLetter) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if _, twice := l.byID[letter.Execution.ID]; twice {
			t.Errorf("%s is a dead letter twice", letter.Execution.ID)
		}
		l.byID[letter.Execution.ID] = letter
	}
}

func (l *letters) ids() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.byID))
}

// TestDeadLetters are those that failed at the last of their attempts, however;
// not those that ended in another way.
func TestDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l letters
		steps := map[string]func(context.Context) (string, error){
			"fails": fails(task.Unavailable), "panics": panics, "hangs": hangs, "deaf": ignores(time.Hour), "wrong": fails(task.InvalidArgument),
			"cancelled": hangs, "left": hangs, "succeeds": succeeds, "once": fails(task.Internal), "stopped": hangs,
		}
		f := newFixture(t, scheduler.Config{DeadLetter: l.add(t)})
		f.add(t, task.NewAsync, "step", func(ctx context.Context, name string) (string, error) { return steps[name](ctx) })
		for name := range steps {
			r := request(name, "step", name)
			r.Retry = &scheduler.RetryPolicy{MaxAttempts: 2, InitialBackoff: time.Second}
			switch name {
			case "hangs", "deaf":
				r.ExecutionTimeout = time.Second
			case "once":
				r.Retry = nil
			case "wrong":
				r.Retry.MaxAttempts = 3
			}
			if name == "left" {
				ctx, cancel := contextWithTimeout(t, time.Second)
				defer cancel()
				go func() { _, _ = f.Submit(ctx, r) }()
				continue
			}
			f.detach(t, r)
		}
		elapse(500 * time.Millisecond)
		f.cancel(t, "cancelled")
		elapse(time.Minute)
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		if left, err := f.Drain(ctx); left != 1 || err == nil {
			t.Errorf("%d, %v", left, err)
		}
		// One that is deaf is not tried twice, and so has not used its attempts up.
		if got := l.ids(); !slices.Equal(got, []string{"fails", "hangs", "panics"}) {
			t.Errorf("got %q", got)
		}
		elapse(2 * time.Hour) // until the deaf one has returned
	})
}

// TestADeadLetterHasWhatItTakes to run the task again: with what was injected,
// after the results of its dependencies are gone.
func TestADeadLetterHasWhatItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l letters
		f := newFixture(t, scheduler.Config{DeadLetter: l.add(t)})
		open := false
		f.add(t, task.NewSync, "gate", func(words ...string) (string, error) {
			if !open {
				return "", task.Errorf(task.Unavailable, "closed")
			}
			return fmt.Sprint(words), nil
		})
		f.detach(t, request("dep", "join", "injected"))
		r := after(sized(request("a", "gate", "x"), 100), "dep")
		r.InjectResults, r.Labels, r.ExecutionTimeout = true, map[string]string{"customer": "7"}, time.Minute
		r.Retry = &scheduler.RetryPolicy{MaxAttempts: 2, Codes: []task.Code{task.Unavailable}}
		if receipt, err := f.Submit(t.Context(), r); err != nil || receipt.State != scheduler.Failed {
			t.Fatalf("%+v, %v", receipt, err)
		}
		letter := l.byID["a"]
		if len(letter.Args) != 2 || letter.ArgBytes < 100+int64(len("injected")) || letter.Execution.Attempt != 2 || letter.ExecutionTimeout != time.Minute {
			t.Errorf("%+v", letter)
		}
		elapse(2 * time.Hour) // the results of both are forgotten
		open = true
		receipt, err := f.Submit(t.Context(), letter.Again())
		if err != nil || receipt.ID == "a" || receipt.State != scheduler.Pending {
			t.Fatalf("%+v, %v", receipt, err)
		}
		if x := f.Executions(); len(x) != 1 || x[0].RetryOf != "a" || x[0].Labels["customer"] != "7" || x[0].MaxAttempts != 2 {
			t.Errorf("%+v", x)
		}
		if o, _ := f.wait(t, receipt.ID); o.Result != "[injected x]" {
			t.Errorf("%+v", o)
		}
		f.wantIdle(t)
	})
}

// TestADeadLetterIsTriedWhereItsMethodIs, which need not be the node that has it.
func TestADeadLetterIsTriedWhereItsMethodIs(t *testing.T) {
	cluster(t, []string{"a", "b"}, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		b.add(t, task.NewSync, "only_b", func(text string) string { return text + " on b" })
		letter := scheduler.DeadLetter{
			Execution: scheduler.Execution{ID: "x", Task: &task.Task{Name: "only_b"}}, Args: []task.Value{task.String("once more")},
			Retry: &scheduler.RetryPolicy{MaxAttempts: 2},
		}
		id, err := a.Resubmit(t.Context(), &letter)
		if err != nil {
			t.Fatal(err)
		}
		if o, _ := b.wait(t, id); o.Result != "once more on b" || o.Node != "b" {
			t.Errorf("%+v", o)
		}
		b.setCut(true)
		if _, err := a.Resubmit(t.Context(), &letter); err == nil {
			t.Error("nobody can run it")
		}
	})
}
