package scheduler_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// at is r with a time to start that is so far ahead, by the wall clock alone as
// it comes from clients.
func at(r scheduler.Request, ahead time.Duration) scheduler.Request {
	r.StartAt = time.Now().Add(ahead).Round(0)
	return r
}

func TestStartAt(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		start := time.Now()
		f.detach(t, at(request("a", "join", "x"), time.Hour))
		elapse(time.Hour - time.Millisecond)
		f.wantGet(t, "a", scheduler.Pending, "")
		if pending, running := f.Counts(); pending != 1 || running != 0 || f.Admitted().Starts != 1 {
			t.Errorf("%d pending, %d running, %+v", pending, running, f.Admitted())
		}
		if x := f.Executions(); len(x) != 1 || !x[0].Due.Equal(start.Add(time.Hour)) {
			t.Errorf("%+v", x)
		}
		if o, _ := f.wait(t, "a"); o.Result != "x" || o.Attempt != 1 || time.Since(start) != time.Hour {
			t.Errorf("%+v after %v", o, time.Since(start))
		}
	})
}

func TestABlockingCallerWaitsForTheTimeToStart(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		start := time.Now()
		receipt, err := f.Submit(t.Context(), at(request("a", "join", "x"), time.Minute))
		if err != nil || receipt.Result != "x" || time.Since(start) != time.Minute {
			t.Errorf("%+v, %v after %v", receipt, err, time.Since(start))
		}
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		_, err = f.Submit(ctx, at(request("b", "join", "x"), time.Minute))
		wantCode(t, err, task.DeadlineExceeded, "deadline")
		f.wantUnknown(t, "b")
	})
}

func TestATimeThatIsOverStartsAtOnce(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		start := time.Now()
		for id, ahead := range map[string]time.Duration{"now": 0, "past": -time.Hour, "long ago": -50 * 365 * 24 * time.Hour} {
			if receipt, err := f.Submit(t.Context(), at(request(id, "join", "x"), ahead)); err != nil || receipt.Result != "x" {
				t.Errorf("%s: %+v, %v", id, receipt, err)
			}
		}
		if time.Since(start) > 0 {
			t.Errorf("it took %v", time.Since(start))
		}
	})
}

func TestATimeTooFarAheadIsRefused(t *testing.T) {
	bubble(t, scheduler.Config{MaxStartDelay: time.Hour}, func(t *testing.T, f *fixture) {
		_, err := f.Submit(t.Context(), at(request("a", "join"), time.Hour+time.Second))
		wantCode(t, err, task.InvalidArgument, "start_at is 1h0m1s ahead; at most 1h0m0s")
		_, err = f.Submit(t.Context(), scheduler.Request{ID: "a", Method: "join", StartAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
		wantCode(t, err, task.InvalidArgument, "at most 1h0m0s")
		f.wantUnknown(t, "a")
	})
}

func TestCancelBeforeTheTimeToStart(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, at(request("a", "join"), 10*time.Minute))
		if c := f.cancel(t, "a"); !c.Done {
			t.Errorf("%+v", c)
		}
		elapse(20 * time.Minute)
		f.wantGet(t, "a", scheduler.Cancelled, "cancelled")
		if f.ran("join") != 0 {
			t.Error("it ran")
		}
	})
}

// TestStartAtAndDependencies: a task waits for both; the time for dependencies
// counts from its time to start; one that fails is no longer waited for.
func TestStartAtAndDependencies(t *testing.T) {
	bubble(t, scheduler.Config{DependencyTimeout: time.Minute}, func(t *testing.T, f *fixture) {
		start := time.Now()
		f.detach(t, request("short", "sleep", "10m"))
		f.detach(t, request("long", "sleep", "10h"))
		f.detach(t, after(at(request("time last", "join"), time.Hour), "short"))
		f.detach(t, after(at(request("dependency last", "join"), 9*time.Minute+30*time.Second), "short"))
		f.detach(t, after(at(request("in vain", "join"), time.Hour), "long"))
		for _, want := range []struct {
			id    string
			after time.Duration
			state scheduler.State
			text  string
		}{
			{"dependency last", 10 * time.Minute, scheduler.Succeeded, ""},
			{"time last", time.Hour, scheduler.Succeeded, ""},
			{"in vain", time.Hour + time.Minute, scheduler.Failed, "DEADLINE_EXCEEDED: the dependencies have not ended within 1m0s"},
		} {
			o, _ := f.wait(t, want.id)
			wantOutcome(t, o, want.state, want.text)
			if time.Since(start) != want.after {
				t.Errorf("%s ended after %v, want %v", want.id, time.Since(start), want.after)
			}
		}
		f.detach(t, after(at(request("at once", "join"), 20*time.Hour), "long"))
		f.cancel(t, "long")
		synctest.Wait()
		f.wantGet(t, "at once", scheduler.Failed, `"long" was cancelled`)
	})
}

// TestDrainBeforeTheTimeToStart doesn't wait for what can't start any more, and
// tells its callers and dependents to go elsewhere.
func TestDrainBeforeTheTimeToStart(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		start := time.Now()
		f.detach(t, at(request("soon", "join", "x"), 5*time.Second))
		f.detach(t, at(request("tomorrow", "join"), 24*time.Hour))
		f.detach(t, after(request("dependent", "join"), "tomorrow"))
		ctx, cancel := contextWithTimeout(t, 10*time.Second)
		defer cancel()
		if left, err := f.Drain(ctx); left != 1 || err != nil || time.Since(start) != 5*time.Second {
			t.Errorf("%d, %v after %v", left, err, time.Since(start))
		}
		f.wantGet(t, "soon", scheduler.Succeeded, "x")
		f.wantGet(t, "tomorrow", scheduler.Failed, "UNAVAILABLE: the server stopped")
		f.wantGet(t, "dependent", scheduler.Failed, `UNAVAILABLE: dependency "tomorrow" did not run`)
	})
}

// TestWhatWaitsForItsTimeLeavesRoom for what can run.
func TestWhatWaitsForItsTimeLeavesRoom(t *testing.T) {
	bubble(t, scheduler.Config{MaxPending: 4}, func(t *testing.T, f *fixture) {
		f.detach(t, at(request("a", "join"), time.Hour))
		f.detach(t, at(request("b", "join"), time.Hour))
		_, err := f.Submit(t.Context(), detached(at(request("c", "join"), time.Hour)))
		wantCode(t, err, task.ResourceExhausted, "2 tasks wait")
		f.detach(t, request("d", "join"))
		f.wait(t, "a")
		f.wait(t, "b")
	})
}

func TestABatchOfTasksForLater(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		start := time.Now()
		receipts, err := f.SubmitBatch(t.Context(), []scheduler.Request{
			after(request("b", "join", "x"), "a"), at(request("a", "join", "x"), time.Second), request("c", "join", "x"),
		})
		if err != nil || time.Since(start) != time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		for _, receipt := range receipts {
			wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "x")
		}
	})
}

// TestManyDueAtOnce all start then, and cost no goroutine before.
func TestManyDueAtOnce(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		const tasks = 20_000
		start := time.Now()
		var ended sync.WaitGroup
		for i := range tasks {
			r := at(request(fmt.Sprint(i), "join", "x"), time.Hour)
			r.StartAt = start.Add(time.Hour)
			f.detach(t, r)
		}
		for i := range tasks {
			ended.Go(func() { f.wait(t, fmt.Sprint(i)) })
		}
		ended.Wait()
		if f.ran("join") != tasks || time.Since(start) != time.Hour {
			t.Errorf("%d ran, by %v", f.ran("join"), time.Since(start))
		}
	})
}

// BenchmarkDueAtOnce is 10,000 tasks that are due at the same moment, from then
// until the last has ended.
func BenchmarkDueAtOnce(b *testing.B) {
	const tasks = 10_000
	for b.Loop() {
		b.StopTimer()
		f := newFixture(b, scheduler.Config{})
		due := time.Now().Add(500 * time.Millisecond)
		for i := range tasks {
			if _, err := f.Submit(b.Context(), scheduler.Request{ID: fmt.Sprint(i), Method: "join", StartAt: due, Detached: true}); err != nil {
				b.Fatal(err)
			}
		}
		<-time.After(time.Until(due))
		b.StartTimer()
		if left, err := f.Drain(context.Background()); left > 0 || err != nil {
			b.Fatal(left, err)
		}
	}
}
