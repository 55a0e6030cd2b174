package scheduler_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestAcceptedTasksRunAfterACrash(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		l := d.live(t, scheduler.Config{MaxSync: 1})
		l.keep(t, request("ended", "join", "a"))
		l.wait(t, "ended")
		l.keep(t, request("running", "sleep", "1h"))
		dependent := after(request("waiting", "join", "d"), "running", "ended")
		dependent.InjectResults = true
		l.keep(t, dependent)
		elapse(30 * time.Minute)
		l.die(t)
		began := time.Now()
		l = d.live(t, scheduler.Config{})
		l.wantGet(t, "ended", scheduler.Succeeded, "a")
		if o, _ := l.wait(t, "running"); o.Result != "slept" || time.Since(began) != time.Hour {
			t.Errorf("%+v after %v: it didn't begin at once", o, time.Since(began))
		}
		if o, _ := l.wait(t, "waiting"); o.Result != "slept,a,d" {
			t.Errorf("%+v", o)
		}
		if l.ran("join") != 1 {
			t.Error("a task that had ended ran again")
		}
		l.stop(t)
		l = d.live(t, scheduler.Config{})
		if n := l.queue.Usage().Tasks; n != 0 {
			t.Errorf("%d are kept in the end", n)
		}
		l.stop(t)
	})
}

func TestTimesAreKept(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		var attempts []int
		var times []time.Time
		fails := func(l *life) {
			l.add(t, task.NewAsync, "fails", func(ctx context.Context) error {
				call := task.CallOf(ctx)
				attempts, times = append(attempts, call.Attempt), append(times, time.Now())
				return task.Errorf(task.Unavailable, "again")
			})
		}
		l := d.live(t, scheduler.Config{}, fails)
		began := time.Now()
		l.keep(t, at(request("later", "join", "x"), time.Hour))
		retried := request("retried", "fails")
		retried.Retry = &scheduler.RetryPolicy{MaxAttempts: 3, InitialBackoff: 2 * time.Hour, MaxBackoff: 2 * time.Hour}
		l.keep(t, retried)
		elapse(time.Minute)
		l.die(t)
		elapse(time.Minute)
		l = d.live(t, scheduler.Config{}, fails)
		if o, _ := l.wait(t, "later"); o.Result != "x" || time.Since(began) != time.Hour {
			t.Errorf("%+v after %v", o, time.Since(began))
		}
		o, _ := l.wait(t, "retried")
		if o.Attempt != 3 || fmt.Sprint(attempts) != "[1 2 3]" {
			t.Errorf("%+v, attempts %v", o, attempts)
		}
		if backoff := times[1].Sub(times[0]); backoff < time.Hour || backoff > 2*time.Hour {
			t.Errorf("the next attempt came after %v", backoff)
		}
		l.stop(t)
	})
}

func TestWhatIsNotKeptIsRefused(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		l := d.live(t, scheduler.Config{})
		var broken atomic.Bool
		broken.Store(true)
		d.log.Before = func(call string) error {
			if broken.Load() && call == "Append" {
				return errDead
			}
			return nil
		}
		r := detached(request("a", "join", "x"))
		r.Source = source{r}
		_, err := l.Submit(t.Context(), r)
		wantCode(t, err, task.Unavailable, "submit it again")
		_, err = l.SubmitBatch(t.Context(), []scheduler.Request{r, request("b", "join")})
		wantCode(t, err, task.Unavailable, "submit it again")
		l.wantUnknown(t, "a")
		l.wantUnknown(t, "b")
		if receipt, err := l.Submit(t.Context(), request("blocking", "join", "x")); err != nil || receipt.Result != "x" {
			t.Errorf("a blocking task needs no queue: %+v, %v", receipt, err)
		}
		broken.Store(false)
		l.keep(t, request("a", "join", "y"))
		if o, _ := l.wait(t, "a"); o.Result != "y" {
			t.Errorf("%+v", o)
		}
		l.stop(t)
	})
}

// TestNobodyIsToldTooEarly: not whoever submits the same id meanwhile either.
func TestNobodyIsToldTooEarly(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		l := d.live(t, scheduler.Config{})
		release := make(chan struct{})
		d.log.Before = func(call string) error {
			if call == "Append" {
				<-release
			}
			return nil
		}
		var told atomic.Int64
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				l.keep(t, request("a", "join", "x"))
				told.Add(1)
			})
		}
		durable := request("a", "join", "x")
		durable.Durable = true
		durable.Source = source{durable}
		all.Go(func() {
			if receipt, err := l.Submit(t.Context(), durable); err != nil || receipt.Result != "x" {
				t.Errorf("%+v, %v", receipt, err)
			}
			told.Add(1)
		})
		synctest.Wait()
		if told.Load() > 0 || l.ran("join") > 0 {
			t.Errorf("%d were told, it ran %d times", told.Load(), l.ran("join"))
		}
		close(release)
		all.Wait()
		l.stop(t)
	})
}

// TestADetachedSubmissionOfABlockingTask makes it one that stays.
func TestADetachedSubmissionOfABlockingTask(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		l := d.live(t, scheduler.Config{})
		blocking, gone := context.WithCancel(t.Context())
		left := make(chan struct{})
		go func() {
			defer close(left)
			_, _ = l.Submit(blocking, request("a", "sleep", "1h"))
		}()
		synctest.Wait()
		l.keep(t, request("a", "sleep", "1h"))
		gone()
		synctest.Wait()
		l.wantGet(t, "a", scheduler.Running, "")
		l.die(t)
		<-left
		l = d.live(t, scheduler.Config{})
		if o, _ := l.wait(t, "a"); o.Result != "slept" {
			t.Errorf("%+v", o)
		}
		l.stop(t)
	})
}

// TestDrainLeavesKeptTasks to the next process, but not those that run or that
// someone waits for. None of them has failed.
func TestDrainLeavesKeptTasks(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		var printed bytes.Buffer
		var ended []string
		l := d.live(t, scheduler.Config{
			MaxSync: 1, Logger: slog.New(slog.NewTextHandler(&printed, nil)),
			Ended: func(x scheduler.Execution) { ended = append(ended, x.ID) },
		})
		began := time.Now()
		l.keep(t, request("runs", "spin", "10s"))
		synctest.Wait()
		l.keep(t, request("queued", "join", "x"))
		l.keep(t, at(request("later", "join", "y"), 24*time.Hour))
		l.keep(t, after(request("waits", "join", "z"), "later"))
		answered := make(chan error)
		go func() {
			_, _, err := l.Wait(t.Context(), "waits")
			answered <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if left, err := l.Drain(ctx); left != 0 || err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("%d, %v after %v", left, err, time.Since(began))
		}
		wantCode(t, <-answered, task.Unavailable, "the server stopped")
		for _, id := range []string{"queued", "later", "waits"} {
			l.wantGet(t, id, scheduler.Pending, "")
		}
		l.queue.Close()
		if text := printed.String(); strings.Contains(text, "failed") || !strings.Contains(text, `are kept" tasks=3`) || len(ended) != 1 {
			t.Errorf("%q have ended, and it says:\n%s", ended, text)
		}
		l = d.live(t, scheduler.Config{})
		l.wantGet(t, "runs", scheduler.Succeeded, "spun")
		if o, _ := l.wait(t, "waits"); o.Result != "z" || time.Since(began) != 24*time.Hour {
			t.Errorf("%+v after %v", o, time.Since(began))
		}
		l.wantGet(t, "queued", scheduler.Succeeded, "x")
		l.stop(t)
	})
}

// TestATaskWhoseMethodIsGone waits for it.
func TestATaskWhoseMethodIsGone(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		plugin := func(l *life) { l.add(t, task.NewSync, "plugin::f", func() string { return "f" }) }
		l := d.live(t, scheduler.Config{}, plugin)
		l.keep(t, after(request("a", "plugin::f"), "dep"))
		l.keep(t, after(request("cancelled", "plugin::f"), "dep"))
		l.die(t)
		l = d.live(t, scheduler.Config{})
		elapse(time.Hour)
		l.wantGet(t, "a", scheduler.Pending, "")
		l.keep(t, request("dep", "join"))
		if c := l.cancel(t, "cancelled"); !c.Done {
			t.Errorf("%+v", c)
		}
		plugin(l)
		if o, _ := l.wait(t, "a"); o.Result != "f" {
			t.Errorf("%+v", o)
		}
		l.stop(t)
	})
}

// TestAPauseIsNotForWhatWasAccepted by a process before this one.
func TestAPauseIsNotForWhatWasAccepted(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		l := d.live(t, scheduler.Config{})
		l.keep(t, at(request("a", "join", "x"), time.Hour))
		l.die(t)
		l = d.live(t, scheduler.Config{}, func(l *life) { l.Pause(true) })
		if o, _ := l.wait(t, "a"); o.Result != "x" {
			t.Errorf("%+v", o)
		}
		l.stop(t)
	})
}

// TestWhatWasAcceptedFitsAgain, whatever the limits are now.
func TestWhatWasAcceptedFitsAgain(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		const tasks = 100
		l := d.live(t, scheduler.Config{})
		for i := range tasks {
			l.keep(t, after(request(fmt.Sprint(i), "join", "x"), "dep", fmt.Sprint("none", i)))
		}
		l.die(t)
		l = d.live(t, scheduler.Config{MaxPending: 2, MaxDependencies: 1})
		for i := range tasks {
			l.wantGet(t, fmt.Sprint(i), scheduler.Pending, "")
			l.cancel(t, fmt.Sprint(i))
		}
		l.wantIdle(t)
		l.queue.Close()
	})
}

// TestAResultThatTheQueueWasNotToldOf isn't made once more.
func TestAResultThatTheQueueWasNotToldOf(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		l := d.live(t, scheduler.Config{})
		d.shelf.before = func(call, _ string) error {
			if call == "Create" {
				l.dead.Store(true) // it dies when the store has it, and before anything else
			}
			return nil
		}
		l.keep(t, request("a", "join", "x"))
		synctest.Wait()
		d.shelf.before = func(string, string) error { return nil }
		l.die(t)
		l = d.live(t, scheduler.Config{})
		l.wantGet(t, "a", scheduler.Succeeded, "x")
		if l.ran("join") != 0 || l.queue.Usage().Tasks != 0 {
			t.Errorf("it ran %d times, %d kept", l.ran("join"), l.queue.Usage().Tasks)
		}
		l.stop(t)
	})
}
