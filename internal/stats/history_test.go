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
	for _, size := range []int{100, 1000, 1001} { // the second has parts
		for _, count := range []int{0, 1, size - 1, size, size + 1, 10 * size} {
			h := NewHistory(size, 10, new(Feed))
			for i := range count {
				h.Ended(ended(fmt.Sprint(i), add, time.Millisecond))
			}
			got := h.Recent()
			if want := min(count, size); len(got) != want {
				t.Fatalf("of %d it kept %d, want %d", count, len(got), want)
			}
			for i, x := range got {
				if want := fmt.Sprint(count - 1 - i); x.ID != want {
					t.Fatalf("of %d, entry %d is %q, want %q", count, i, x.ID, want)
				}
			}
		}
	}
}

// TestFailuresOutliveSuccesses: why one failed is still there when many others
// have succeeded since.
func TestFailuresOutliveSuccesses(t *testing.T) {
	h := NewHistory(100, 10, new(Feed))
	number := 0
	end := func(state scheduler.State) {
		x := ended(fmt.Sprint(number), add, time.Millisecond)
		x.State = state
		h.Ended(x)
		number++
	}
	for range 12 { // 0 to 11
		end(scheduler.Failed)
	}
	for range 95 { // 12 to 106
		end(scheduler.Succeeded)
	}
	end(scheduler.Failed) // 107
	var got []string
	for _, x := range h.Recent() {
		got = append(got, x.ID)
	}
	var want []string
	for i := number - 1; i >= number-100; i-- { // 107 to 8, failures among them
		want = append(want, fmt.Sprint(i))
	}
	want = append(want, "7", "6", "5", "4", "3") // those of the last ten failures that are older
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for range 10_400 {
		end(scheduler.Succeeded)
	}
	if got := h.Recent(); len(got) != 110 || got[109].State != scheduler.Failed || got[100].ID != "107" {
		t.Errorf("after many successes %d are kept, the last failure as %+v", len(got), got[100])
	}
}

func TestRecentWhileTasksEnd(t *testing.T) {
	h := NewHistory(1000, 10, new(Feed))
	var writers sync.WaitGroup
	for writer := range 4 {
		writers.Go(func() {
			for i := range 20_000 {
				h.Ended(ended(fmt.Sprintf("%d/%d", writer, i), add, time.Millisecond))
			}
		})
	}
	for range 50 {
		ids := make(map[string]bool)
		for _, x := range h.Recent() {
			if x.Task != add || ids[x.ID] {
				t.Fatalf("%q is there twice, or torn", x.ID)
			}
			ids[x.ID] = true
		}
	}
	writers.Wait()
	if got := len(h.Recent()); got != 1000 {
		t.Errorf("%d are kept, want 1000", got)
	}
	if m := h.Methods(); m[0].Calls() != 80_000 {
		t.Errorf("%d are counted, want 80000", m[0].Calls())
	}
}

func TestMessagesAreBounded(t *testing.T) {
	h := NewHistory(1, 1, new(Feed))
	x := ended("1", fail, 0)
	x.State, x.Code, x.Message = scheduler.Failed, task.Internal, strings.Repeat("ä", 5000)
	h.Ended(x)
	got := h.Recent()[0].Message
	if len(got) > 2048 || len(got) < 2040 || !utf8.ValidString(got) {
		t.Errorf("it kept %d bytes, valid: %t", len(got), utf8.ValidString(got))
	}
}

func TestMethods(t *testing.T) {
	h := NewHistory(10, 10, new(Feed))
	h.Ended(ended("1", add, 10*time.Millisecond))
	h.Ended(ended("2", add, 30*time.Millisecond))
	failure := ended("3", add, 20*time.Millisecond)
	failure.State, failure.Code = scheduler.Failed, task.InvalidArgument
	h.Ended(failure)
	never := scheduler.Execution{ID: "4", Task: add, State: scheduler.Cancelled, Code: task.Cancelled, Submitted: epoch, Ended: epoch}
	h.Ended(never)
	strange := ended("5", fail, time.Millisecond)
	strange.State, strange.Code = scheduler.Failed, 99
	h.Ended(strange)

	methods := h.Methods()
	if len(methods) != 2 || methods[0].Name != "add" || methods[1].Name != "fail" {
		t.Fatalf("got %v", methods)
	}
	got := methods[0]
	if got.Calls() != 4 || got.Failed != 1 || got.Cancelled != 1 ||
		got.ByCode[task.OK] != 2 || got.ByCode[task.InvalidArgument] != 1 || got.ByCode[task.Cancelled] != 1 {
		t.Errorf("got %+v", got)
	}
	if got.Runs.Count != 3 || got.Runs.Max != 30*time.Millisecond || got.Runs.Mean() != 20*time.Millisecond {
		t.Errorf("a run that never was is counted, or one that was is not: %+v", got.Runs)
	}
	if got := methods[1].ByCode[task.Internal]; got != 1 {
		t.Errorf("a code that is none counts as INTERNAL %d times, want once", got)
	}
}

func TestMethodsAreBounded(t *testing.T) {
	h := NewHistory(1, 1, new(Feed))
	for i := range maxMethods + 500 {
		h.Ended(ended("x", &task.Task{Name: fmt.Sprintf("m%d", i)}, 0))
	}
	methods := h.Methods()
	at := slices.IndexFunc(methods, func(m Method) bool { return m.Name == Others })
	if len(methods) != maxMethods+1 || at < 0 || methods[at].Calls() != 500 {
		t.Errorf("%d methods have statistics; the others are at %d", len(methods), at)
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
			h := NewHistory(10_000, 2000, feed)
			methods := make([]*task.Task, 20)
			for i := range methods {
				methods[i] = &task.Task{Name: fmt.Sprintf("plugin::method%d", i)}
			}
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				x := ended("0197a3c4-0000-7000-8000-000000000000", nil, time.Millisecond)
				for i := 0; p.Next(); i++ {
					x.Task = methods[i%len(methods)]
					h.Ended(x)
				}
			})
		})
	}
}

// TestLargeExecutionsAreFewer: labels, ids and messages that are all as large as
// they may be leave room for fewer.
func TestLargeExecutionsAreFewer(t *testing.T) {
	h := NewHistory(100, 10, new(Feed))
	large := map[string]string{"label": strings.Repeat("v", 10<<10)}
	for i := range 1000 {
		x := ended(fmt.Sprint(i), add, time.Millisecond)
		x.Labels = large
		h.Ended(x)
	}
	if got := h.Recent(); len(got) < 10 || len(got) > 30 || got[0].ID != "999" {
		t.Errorf("%d are kept, the last is %s", len(got), got[0].ID)
	}
	for i := range 1000 {
		h.Ended(ended(fmt.Sprint(i), add, time.Millisecond))
	}
	if got := h.Recent(); len(got) != 100 || got[99].ID != "900" {
		t.Errorf("%d small ones are kept", len(got))
	}
	x := ended("huge", add, time.Millisecond)
	x.ID = strings.Repeat("i", 1<<20)
	h.Ended(x)
	if got := h.Recent(); len(got) != 1 {
		t.Errorf("%d are kept beside one that has no room", len(got)-1)
	}
}
