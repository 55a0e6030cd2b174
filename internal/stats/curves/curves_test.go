package curves

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/task"
)

// record runs a recorder in a bubble while use does.
func record(t *testing.T, use func(history *stats.History, r *Recorder)) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		history := stats.NewHistory(10, 10, new(stats.Feed))
		end(history, "early", time.Hour, scheduler.Failed)
		r := New(Config{History: history, Counts: func() (pending, running, overdue int) { return 3, 2, 1 }})
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { r.Run(ctx) })
		synctest.Wait()
		use(history, r)
		cancel()
		running.Wait()
	})
}

func end(history *stats.History, method string, took time.Duration, state scheduler.State) {
	now := time.Now()
	history.Ended(scheduler.Execution{
		Task: &task.Task{Name: method}, State: state, Code: task.Internal, Submitted: now.Add(-took), Started: now.Add(-took), Ended: now,
	})
}

// pass lets seconds pass, and the recorder look after each.
func pass(seconds int) {
	time.Sleep(time.Duration(seconds)*time.Second + time.Millisecond) //nolint:forbidigo // the clock is synctest's
	synctest.Wait()
}

func TestASecondIsASample(t *testing.T) {
	record(t, func(history *stats.History, r *Recorder) {
		for range 8 {
			end(history, "add", 10*time.Millisecond, scheduler.Succeeded)
		}
		end(history, "fail", time.Second, scheduler.Failed)
		end(history, "leave", time.Second, scheduler.Cancelled)
		pass(2)
		samples, next, _ := r.Since(0)
		if len(samples) != 2 || next != 2 {
			t.Fatalf("after two seconds: %v", samples)
		}
		got := samples[0]
		if got.Calls != 10 || got.Failures != 1 || got.Cancelled != 1 || got.Period != time.Second ||
			got.P50 < 8*time.Millisecond || got.P50 > 12*time.Millisecond || got.P99 < 800*time.Millisecond || got.P99 > time.Second ||
			got.Pending != 3 || got.Running != 2 || got.Overdue != 1 {
			t.Errorf("the first: %+v", got)
		}
		if quiet := samples[1]; quiet.Calls != 0 || quiet.Runs != 0 || quiet.P99 != 0 {
			t.Errorf("a second in which nothing ended: %+v", quiet)
		}
		if again, _, _ := r.Since(next); len(again) != 0 {
			t.Errorf("what was read is read again: %v", again)
		}
	})
}

func TestWhoWaitsIsToldOfASample(t *testing.T) {
	record(t, func(_ *stats.History, r *Recorder) {
		_, next, more := r.Since(0)
		<-more
		if samples, after, _ := r.Since(next); len(samples) != 1 || after != next+1 {
			t.Errorf("%v, %d", samples, after)
		}
	})
}

func TestTheLastTenMinutesAreKept(t *testing.T) {
	record(t, func(history *stats.History, r *Recorder) {
		pass(2 * kept)
		end(history, "add", time.Millisecond, scheduler.Succeeded)
		pass(1)
		samples, next, _ := r.Since(0)
		if len(samples) != kept || next != 2*kept+1 || samples[kept-1].Calls != 1 {
			t.Fatalf("%d samples are kept, the next is %d", len(samples), next)
		}
		for i := range kept - 1 {
			if got := samples[i+1].Time.Sub(samples[i].Time); got != time.Second {
				t.Fatalf("after sample %d: %s", i, got)
			}
		}
	})
}

func TestMethodsHavePoints(t *testing.T) {
	record(t, func(history *stats.History, r *Recorder) {
		for i := range 20 {
			end(history, "add", time.Millisecond, scheduler.Succeeded)
			if i%4 == 0 {
				end(history, "fail", 100*time.Millisecond, scheduler.Failed)
			}
			pass(1)
		}
		methods := make(map[string]Method)
		for _, m := range r.Methods() {
			methods[m.Name] = m
		}
		add, fail := methods["add"], methods["fail"]
		if len(methods) != 2 || add.Calls != 10 || add.Failures != 0 || add.Period != Recent*time.Second || fail.Failures < 2 || fail.Failures != fail.Calls ||
			fail.P99 < 80*time.Millisecond {
			t.Errorf("in the last seconds: %+v", methods)
		}
		points := r.Of("add", time.Time{})
		if len(points) != 4 || points[0].Calls != 5 || len(r.Of("add", points[2].Time)) != 1 || r.Of("nobody", time.Time{}) != nil {
			t.Errorf("the points of one: %+v", points)
		}
		pass(Recent + pointSeconds)
		if left := r.Methods(); len(left) != 0 {
			t.Errorf("what has been quiet since: %v", left)
		}
		pass((pointsKept + 1) * pointSeconds)
		if left := r.Of("add", time.Time{}); len(left) != 0 {
			t.Errorf("what has been quiet for long: %v", left)
		}
	})
}

func TestPointsAreBounded(t *testing.T) {
	record(t, func(history *stats.History, r *Recorder) {
		for i := range maxMethods + 10 {
			end(history, fmt.Sprint(i), time.Millisecond, scheduler.Succeeded)
		}
		pass(pointSeconds)
		if samples, _, _ := r.Since(0); samples[0].Calls != maxMethods+10 {
			t.Errorf("%d calls are in the first sample", samples[0].Calls)
		}
		if got := len(r.Methods()); got != maxMethods-1 { // one was there before
			t.Errorf("%d methods have points", got)
		}
		if points := r.Of(fmt.Sprint(maxMethods+9), time.Time{}); len(points) != 0 {
			t.Errorf("one method more has points, too: %v", points)
		}
	})
}

// BenchmarkLook is what a second costs.
func BenchmarkLook(b *testing.B) {
	history := stats.NewHistory(10, 10, new(stats.Feed))
	r := New(Config{History: history, Counts: func() (pending, running, overdue int) { return 0, 0, 0 }})
	for i := range 100 {
		end(history, fmt.Sprint(i), time.Millisecond, scheduler.Succeeded)
	}
	for b.Loop() {
		for i := range 20 {
			end(history, fmt.Sprint(i), time.Millisecond, scheduler.Succeeded)
		}
		r.look(time.Now())
	}
}
