package scheduler_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// watched is a fixture with two async tasks that say something a second: "walk"
// for three seconds, "haunt" goes on when it is cancelled.
func watched(t *testing.T, config scheduler.Config, test func(t *testing.T, f *fixture)) {
	t.Helper()
	bubble(t, config, func(t *testing.T, f *fixture) {
		f.add(t, task.NewAsync, "walk", func(ctx context.Context) error {
			for i := range 3 {
				<-time.After(time.Second)
				task.Progress(ctx, float64(i+1)/3, "walking")
				task.Logger(ctx).InfoContext(ctx, "step", "n", i+1)
			}
			return nil
		})
		f.add(t, task.NewAsync, "haunt", func(ctx context.Context) {
			for range 10 {
				<-time.After(time.Second)
				task.Logger(ctx).Info("boo")
				task.Progress(ctx, 0.5, "boo")
			}
		})
		test(t, f)
	})
}

// told returns the events after one as text: their numbers, how long after the
// beginning they were, and what they are.
func told(t *testing.T, f *fixture, id string, after uint64, began time.Time) (all []string) {
	t.Helper()
	w, ok, err := f.Watch(t.Context(), id, after)
	if err != nil || !ok {
		t.Fatalf("Watch: %t, %v", ok, err)
	}
	for {
		events, _ := w.Next()
		if len(events) == 0 {
			return all
		}
		for _, e := range events {
			what := fmt.Sprintf("%d %s ", e.Number, e.Time.Sub(began))
			switch e.Kind {
			case journal.Status:
				what += fmt.Sprintf("state %d", e.State)
			case journal.Progress:
				what += fmt.Sprintf("%.2f %s", e.Fraction, e.Text)
			case journal.Log:
				what += e.Level.String() + " " + e.Text
			case journal.Ended:
				what += fmt.Sprintf("ended %d %d", e.State, w.Outcome().State)
			}
			all = append(all, what)
		}
	}
}

func TestATaskIsFollowed(t *testing.T) {
	watched(t, scheduler.Config{MaxConcurrent: 1}, func(t *testing.T, f *fixture) {
		began := time.Now()
		f.detach(t, request("first", "sleep", "1s"))
		f.detach(t, request("a", "walk"))
		want := func(after uint64, want ...string) {
			t.Helper()
			if got := told(t, f, "a", after, began); !slices.Equal(got, want) {
				t.Errorf("after %s: %q, want %q", time.Since(began), got, want)
			}
		}
		want(0, "1 0s state 0")
		elapse(1500 * time.Millisecond)
		want(1, "2 1s state 1")
		elapse(time.Second)
		want(0, "1 0s state 0", "2 1s state 1", "3 2s 0.33 walking", "4 2s INFO step n=1")
		elapse(time.Hour)
		want(4, "6 3s INFO step n=2", "7 4s 1.00 walking", "8 4s INFO step n=3", "9 4s ended 2 2")
		want(9)
	})
}

func TestNobodyHearsATaskThatHasEnded(t *testing.T) {
	watched(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "haunt"))
		elapse(1500 * time.Millisecond)
		if _, err := f.Cancel(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		before := told(t, f, "a", 0, time.Now())
		f.detach(t, request("b", "sleep", "10s"))
		elapse(time.Minute)
		if after := told(t, f, "a", 0, time.Now()); len(before) != 5 || len(after) != 5 {
			t.Errorf("before %q, after %q", before, after)
		}
	})
}

func TestWhoLeavesIsToldToThoseWhoWatch(t *testing.T) {
	watched(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = f.Submit(ctx, request("a", "walk")) }()
		elapse(1500 * time.Millisecond)
		w, ok, err := f.Watch(t.Context(), "a", 4)
		if err != nil || !ok {
			t.Fatalf("%t, %v", ok, err)
		}
		_, more := w.Next()
		cancel()
		<-more
		if events, more := w.Next(); len(events) != 1 || more != nil || w.Outcome().State != scheduler.Cancelled {
			t.Errorf("got %v, %v", events, w.Outcome())
		}
		if _, ok, _ := f.Watch(t.Context(), "a", 0); ok {
			t.Error("the task is remembered")
		}
		elapse(time.Hour) // the function ends too
	})
}

func TestWhatTasksLogIsInTheServersLog(t *testing.T) {
	var log logtest.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	watched(t, scheduler.Config{Logger: logger}, func(t *testing.T, f *fixture) {
		f.add(t, task.NewAsync, "flood", func(ctx context.Context) {
			task.Logger(ctx).Debug("not wanted")
			for range 10_000 {
				task.Logger(ctx).Info(strings.Repeat("water", 20))
			}
		})
		f.detach(t, request("a", "walk"))
		elapse(time.Hour)
		if want := `level=INFO msg="task says" text="step n=2" id=a method=walk`; strings.Count(log.String(), want) != 1 {
			t.Errorf("the log is %s", log.String())
		}
		f.detach(t, request("b", "flood"))
		elapse(time.Hour)
		f.detach(t, request("c", "walk"))
		elapse(time.Hour)
		if n := strings.Count(log.String(), "text=water"); n < 100 || n > 1100 {
			t.Errorf("%d lines of the flood are in the log", n)
		}
		if !strings.Contains(log.String(), "tasks log too much, lines were left out") || strings.Contains(log.String(), "not wanted") {
			t.Error("the log doesn't tell of the flood, or has what it shouldn't")
		}
		synctest.Wait()
	})
}

func TestJournalsThatHaveNoRoomAreNotWatched(t *testing.T) {
	config := scheduler.Config{Journals: journal.Limits{Total: 100, Each: 100}}
	watched(t, config, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "walk"))
		elapse(2500 * time.Millisecond)
		_, _, err := f.Watch(t.Context(), "a", 0)
		wantCode(t, err, task.ResourceExhausted, "no room")
		elapse(time.Hour)
		if got := told(t, f, "a", 0, time.Time{}); len(got) != 1 || !strings.HasPrefix(got[0], "3 ") {
			t.Errorf("got %q", got)
		}
		if got := told(t, f, "a", 7, time.Time{}); len(got) != 1 || !strings.HasPrefix(got[0], "8 ") {
			t.Errorf("who saw more events gets %q", got)
		}
	})
}

func TestAttemptsAreFollowed(t *testing.T) {
	watched(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		began := time.Now()
		f.add(t, task.NewAsync, "shaky", func(ctx context.Context) error {
			attempt := task.CallOf(ctx).Attempt
			<-time.After(time.Second)
			task.Logger(ctx).Info("try", "attempt", attempt)
			if attempt < 2 {
				return task.Errorf(task.Unavailable, "try again")
			}
			return nil
		})
		r := request("a", "shaky")
		r.Retry = &scheduler.RetryPolicy{MaxAttempts: 2, InitialBackoff: time.Second, MaxBackoff: time.Second}
		f.detach(t, r)
		elapse(time.Minute)
		got := told(t, f, "a", 0, began)
		for i, want := range []string{
			"1 0s state 0", "2 0s state 1", "3 1s INFO try attempt=1", "4 1s state 0", "5 1s WARN attempt 1 failed and will be tried again in ",
			"6 ", "7 ", "8 ",
		} {
			if len(got) != 8 || !strings.HasPrefix(got[i], want) {
				t.Fatalf("event %d: %q", i, got)
			}
		}
		if !strings.HasSuffix(got[4], ": UNAVAILABLE: try again") || !strings.HasSuffix(got[5], "state 1") ||
			!strings.HasSuffix(got[6], "INFO try attempt=2") || !strings.HasSuffix(got[7], "ended 2 2") {
			t.Errorf("%q", got)
		}
	})
}

// TestWhoeverWatchesSeesTheEnd has watchers come at any moment of tasks that say
// something and end at once: each sees the end, once and last, and by then the
// outcome.
func TestWhoeverWatchesSeesTheEnd(t *testing.T) {
	f := newFixture(t, scheduler.Config{})
	f.add(t, task.NewAsync, "brief", func(ctx context.Context) string {
		for range 3 {
			task.Logger(ctx).Info("line")
			task.Progress(ctx, 0.5, "")
		}
		return "done"
	})
	var watchers sync.WaitGroup
	for i := range 300 {
		id := fmt.Sprint("task ", i)
		f.detach(t, request(id, "brief"))
		for range 3 {
			watchers.Go(func() { wantEnd(t, f, id) })
		}
	}
	watchers.Wait()
}

func wantEnd(t *testing.T, f *fixture, id string) {
	t.Helper()
	w, ok, err := f.Watch(t.Context(), id, 0)
	if err != nil || !ok {
		t.Errorf("%s: %t, %v", id, ok, err)
		return
	}
	var last journal.Event
	lines := 0
	for {
		events, more := w.Next()
		for _, e := range events {
			if e.Number <= last.Number || last.Kind == journal.Ended {
				t.Errorf("%s: %v after %v", id, e, last)
			}
			if last = e; e.Kind == journal.Log {
				lines++
			}
		}
		switch {
		case len(events) > 0:
		case more != nil:
			<-more
		default:
			if last.Kind != journal.Ended || w.Outcome().Result != "done" || lines != 3 {
				t.Errorf("%s: %d lines, at last %v, %v", id, lines, last, w.Outcome())
			}
			return
		}
	}
}
