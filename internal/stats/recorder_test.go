package stats

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

var (
	add  = &task.Task{Name: "add"}
	fail = &task.Task{Name: "fail"}
)

var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// ended returns an execution that ran for d.
func ended(id string, t *task.Task, d time.Duration) scheduler.Execution {
	return scheduler.Execution{
		ID: id, Task: t, State: scheduler.Succeeded, Submitted: epoch, Started: epoch, Ended: epoch.Add(d),
	}
}

func TestRecentKeepsTheLast(t *testing.T) {
	for _, count := range []int{0, 1, 99, 100, 101, 1000} {
		r := NewRecorder(100, new(Feed))
		for i := range count {
			r.Ended(ended(fmt.Sprint(i), add, time.Millisecond))
		}
		got := r.Recent()
		if want := min(count, 100); len(got) != want {
			t.Fatalf("of %d it kept %d, want %d", count, len(got), want)
		}
		for i, x := range got {
			if want := fmt.Sprint(count - 1 - i); x.ID != want {
				t.Fatalf("of %d, entry %d is %q, want %q", count, i, x.ID, want)
			}
		}
	}
}

func TestRecentWhileTasksEnd(t *testing.T) {
	r := NewRecorder(1000, new(Feed))
	var writers sync.WaitGroup
	for writer := range 4 {
		writers.Go(func() {
			for i := range 20_000 {
				r.Ended(ended(fmt.Sprintf("%d/%d", writer, i), add, time.Millisecond))
			}
		})
	}
	for range 50 {
		ids := make(map[string]bool)
		for _, x := range r.Recent() {
			if x.Task != add || ids[x.ID] {
				t.Fatalf("%q is there twice, or torn", x.ID)
			}
			ids[x.ID] = true
		}
	}
	writers.Wait()
	if got := len(r.Recent()); got != 1000 {
		t.Errorf("%d are kept, want 1000", got)
	}
	if f := r.Figures(); f[0].Calls() != 80_000 {
		t.Errorf("%d are counted, want 80000", f[0].Calls())
	}
}

func TestMessagesAreBounded(t *testing.T) {
	r := NewRecorder(1, new(Feed))
	x := ended("1", fail, 0)
	x.State, x.Code, x.Message = scheduler.Failed, task.Internal, strings.Repeat("ä", 5000)
	r.Ended(x)
	got := r.Recent()[0].Message
	if len(got) > 2048 || len(got) < 2040 || !utf8.ValidString(got) {
		t.Errorf("it kept %d bytes, valid: %t", len(got), utf8.ValidString(got))
	}
}

func TestFigures(t *testing.T) {
	r := NewRecorder(10, new(Feed))
	r.Ended(ended("1", add, 10*time.Millisecond))
	r.Ended(ended("2", add, 30*time.Millisecond))
	failure := ended("3", add, 20*time.Millisecond)
	failure.State, failure.Code = scheduler.Failed, task.InvalidArgument
	r.Ended(failure)
	never := scheduler.Execution{ID: "4", Task: add, State: scheduler.Cancelled, Code: task.Cancelled, Submitted: epoch, Ended: epoch}
	r.Ended(never)
	strange := ended("5", fail, time.Millisecond)
	strange.State, strange.Code = scheduler.Failed, 99
	r.Ended(strange)

	figures := r.Figures()
	if len(figures) != 2 || figures[0].Method != "add" || figures[1].Method != "fail" {
		t.Fatalf("got %v", figures)
	}
	got := figures[0]
	if got.Calls() != 4 || got.Failed != 1 || got.Cancelled != 1 ||
		got.ByCode[task.OK] != 2 || got.ByCode[task.InvalidArgument] != 1 || got.ByCode[task.Cancelled] != 1 {
		t.Errorf("got %+v", got)
	}
	if got.Runs.Count != 3 || got.Runs.Max != 30*time.Millisecond || got.Runs.Mean() != 20*time.Millisecond {
		t.Errorf("a run that never was is counted, or one that was is not: %+v", got.Runs)
	}
	if got := figures[1].ByCode[task.Internal]; got != 1 {
		t.Errorf("a code that is none counts as INTERNAL %d times, want once", got)
	}
}

func TestMethodsAreBounded(t *testing.T) {
	r := NewRecorder(1, new(Feed))
	for i := range maxMethods + 500 {
		r.Ended(ended("x", &task.Task{Name: fmt.Sprintf("m%d", i)}, 0))
	}
	figures := r.Figures()
	at := slices.IndexFunc(figures, func(f Figures) bool { return f.Method == Others })
	if len(figures) != maxMethods+1 || at < 0 || figures[at].Calls() != 500 {
		t.Errorf("%d methods have figures; the others are at %d", len(figures), at)
	}
}

func TestQuantiles(t *testing.T) {
	var empty Histogram
	if empty.Mean() != 0 || empty.Quantile(0.5) != 0 {
		t.Error("an empty histogram has figures")
	}
	var h Histogram
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Millisecond) // 1 ms to 1 s
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 1: time.Second} {
		if got := h.Quantile(q); got < want*8/10 || got > want*12/10 {
			t.Errorf("quantile %v: %v, want about %v", q, got, want)
		}
	}
	var long Histogram
	long.add(5 * time.Hour)
	if got := long.Quantile(0.5); got < Bounds[len(Bounds)-1] || got > 5*time.Hour {
		t.Errorf("beyond the last bound: %v", got)
	}
	for d, want := range map[time.Duration]int{
		-1: 0, 0: 0, time.Microsecond: 0, time.Microsecond + 1: 1, 1000 * time.Second: len(Bounds) - 1, 1000*time.Second + 1: len(Bounds),
	} {
		if got := bucketOf(d); got != want {
			t.Errorf("bucketOf(%v) = %d, want %d", d, got, want)
		}
	}
	if !slices.IsSorted(Bounds[:]) || Bounds[0] != time.Microsecond || Bounds[len(Bounds)-1] != 1000*time.Second {
		t.Errorf("bounds: %v", Bounds)
	}
}

// BenchmarkEnded is what recording adds to each task.
func BenchmarkEnded(b *testing.B) {
	for _, watchers := range []int{0, 1} {
		b.Run(fmt.Sprintf("watchers=%d", watchers), func(b *testing.B) {
			feed := new(Feed)
			for range watchers {
				w, err := feed.Watch(1000)
				if err != nil {
					b.Fatal(err)
				}
				defer w.Stop()
			}
			r := NewRecorder(10_000, feed)
			methods := make([]*task.Task, 20)
			for i := range methods {
				methods[i] = &task.Task{Name: fmt.Sprintf("plugin::method%d", i)}
			}
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				x := ended("0197a3c4-0000-7000-8000-000000000000", nil, time.Millisecond)
				for i := 0; p.Next(); i++ {
					x.Task = methods[i%len(methods)]
					r.Ended(x)
				}
			})
		})
	}
}
