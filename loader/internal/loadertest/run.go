package loadertest

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// Run runs the suite with a plugin that is testdata/conformance.c, or begins with
// the same tasks in another language.
func Run(t *testing.T, p *Plugin) {
	t.Helper()
	tests := []struct {
		name string
		run  func(*testing.T, *Plugin)
	}{
		{"Table", testTable},
		{"Values", testValues},
		{"Arguments", testArguments},
		{"Statuses", testStatuses},
		{"InvalidOutputs", testInvalidOutputs},
		{"CallInfo", testCallInfo},
		{"LogAndProgress", testLogAndProgress},
		{"Async", testAsync},
		{"FinishOfSync", testFinishOfSync},
		{"Cancel", testCancel},
		{"Concurrent", testConcurrent},
		{"Release", testRelease},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, p) })
	}
}

func testTable(t *testing.T, p *Plugin) {
	t.Helper()
	want := []library.TaskInfo{
		{Name: "echo"},
		{Name: "answer"},
		{Name: "describe"},
		{Name: "talk"},
		{Name: "wait_for_cancel"},
		{Name: "outstanding"},
		{Name: "later", Async: true},
		{Name: "finish_sync"},
	}
	if got := p.Describe().Tasks; len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if lines := p.Said.Lines(0); !slices.Contains(lines, Line{0, slog.LevelInfo, "initialised"}) {
		t.Errorf("init_plugin's line is not in the log: %v", lines)
	}
}

func testValues(t *testing.T, p *Plugin) {
	t.Helper()
	for name, v := range values() {
		t.Run(name, func(t *testing.T) {
			p.want(t, v, "echo", v)
			p.want(t, v, "later", v, task.Int32(0))
		})
	}
}

func testArguments(t *testing.T, p *Plugin) {
	t.Helper()
	p.want(t, task.ListOf(), "echo")
	var all []task.Value
	for name, v := range values() {
		if name != "nested deepest" { // it may be in no list
			all = append(all, v)
		}
	}
	p.want(t, task.ListOf(all...), "echo", all...)
}

func testStatuses(t *testing.T, p *Plugin) {
	t.Helper()
	for _, status := range []library.Status{library.Failed, library.Retry, library.BadArguments} {
		code := task.Int32(int32(status))
		p.wantMessage(t, status, "why: 日本", "answer", code, task.String("why: 日本"))
		p.wantMessage(t, status, "", "answer", code)                 // null
		p.wantMessage(t, status, "", "answer", code, task.Int32(22)) // no message
	}
	if got := p.Do(t, "answer", task.Int32(int32(library.Cancelled)), task.String("why")); got.Status != library.Cancelled {
		t.Errorf("got status %d, want CANCELLED", got.Status)
	}
	p.wantMessage(t, library.Failed, "the task returned status 42, which the ABI does not have", "answer", task.Int32(42))
	p.wantMessage(t, library.Failed, "the task returned status -1, which the ABI does not have", "answer", task.Int32(-1))
	p.wantMessage(t, library.Failed, "the task returned TASK_PENDING without being TASK_ASYNC", "answer", task.Int32(100))
	p.want(t, task.String("still there"), "echo", task.String("still there"))
}

// testInvalidOutputs gets outputs out of a plugin that the ABI does not allow,
// by arguments that are not allowed either.
func testInvalidOutputs(t *testing.T, p *Plugin) {
	t.Helper()
	p.wantMessage(t, library.Failed, "the task's output is invalid: a string that is not UTF-8", "echo", task.String("\xff"))
	p.wantMessage(t, library.Failed, "the task's output is invalid: item 2: key \"in\": a string that is not UTF-8",
		"echo", task.ListOf(task.Null(), task.MapOf(map[string]task.Value{"in": task.String("\xc3\x28")})))
	if got := p.Do(t, "echo", nested(task.MaxDepth/2+1)); got.Status != library.Failed {
		t.Errorf("got status %d for what nests too deep, want FAILED", got.Status)
	}
	large := task.Bytes(make([]byte, 65<<20))
	if got := p.Do(t, "echo", large); got.Status != library.Failed {
		t.Errorf("got status %d for an output of 65 MiB, want FAILED", got.Status)
	}
	p.wantMessage(t, library.Failed, "bad \uFFFD text", "answer", task.Int32(int32(library.Failed)), task.String("bad \xff text"))
}

func testCallInfo(t *testing.T, p *Plugin) {
	t.Helper()
	deadline := time.Unix(2_000_000_000, 12345)
	got := p.Start(t, "describe", func(call *library.Call) {
		call.Attempt, call.Deadline, call.TaskID = 3, deadline, "an id"
	}).Wait(t)
	want := task.ListOf(task.Uint32(3), task.Int64(deadline.UnixNano()), task.String("an id"), task.Uint32(48), task.Int32(0))
	if !contracttest.Equal(got.Value, want) {
		t.Errorf("got %s, want %s", show(got.Value), show(want))
	}
	p.want(t, task.ListOf(task.Uint32(1), task.Int64(0), task.String(""), task.Uint32(48), task.Int32(0)), "describe")
}

func testLogAndProgress(t *testing.T, p *Plugin) {
	t.Helper()
	const text = "half of 日本 \uFFFD"
	outside := len(p.Said.Lines(0))
	r := p.Start(t, "talk", nil, task.String("half of 日本 \xff"))
	if got := r.Wait(t); got.Status != library.OK {
		t.Fatalf("got status %d", got.Status)
	}
	want := []Line{
		{r.ID, slog.LevelDebug, text},
		{r.ID, slog.LevelInfo, text},
		{r.ID, slog.LevelWarn, text},
		{r.ID, slog.LevelError, text},
	}
	if got := p.Said.Lines(r.ID); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := p.Said.Lines(0)[outside:]; !slices.Equal(got, []Line{{0, slog.LevelInfo, text}}) {
		t.Errorf("got %v in the log outside of calls", got)
	}
	if got := p.Said.Lines(r.ID + 1_000_000_000); got != nil {
		t.Errorf("got %v for a call that does not exist", got)
	}
	progress := p.Said.ProgressOf(r.ID)
	for _, want := range []Progress{{0.25, text}, {1, ""}} {
		if got := <-progress; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func testAsync(t *testing.T, p *Plugin) {
	t.Helper()
	v := task.MapOf(map[string]task.Value{"answer": task.ListOf(task.String("later"))})
	for how, name := range []string{"BeforeReturn", "FromAThread", "Twice", "AndReturnsOtherwise", "ByReturning"} {
		t.Run(name, func(t *testing.T) {
			r := p.Start(t, "later", nil, v, task.Int32(int32(how)))
			if got := r.Wait(t); got.Status != library.OK || !contracttest.Equal(got.Value, v) {
				t.Errorf("got status %d, %s", got.Status, show(got.Value))
			}
			p.want(t, task.Int32(1), "echo", task.Int32(1)) // time enough for a second answer
			if len(r.result) > 0 {
				t.Errorf("done was called twice, then with %v", <-r.result)
			}
		})
	}
	p.wantMessage(t, library.Retry, "come again", "later", task.String("come again"), task.Int32(5))
}

func testFinishOfSync(t *testing.T, p *Plugin) {
	t.Helper()
	p.want(t, task.Bool(true), "finish_sync")
}

func testCancel(t *testing.T, p *Plugin) {
	t.Helper()
	p.Cancel(lastID.Add(1)) // unknown: ignored
	neighbour := p.Start(t, "wait_for_cancel", nil)
	r := p.Start(t, "wait_for_cancel", nil)
	<-p.Said.ProgressOf(r.ID)
	<-p.Said.ProgressOf(neighbour.ID)
	p.Cancel(r.ID)
	if got := r.Wait(t); got.Status != library.Cancelled {
		t.Errorf("got status %d, want CANCELLED", got.Status)
	}
	p.Cancel(r.ID) // has ended: ignored
	if len(neighbour.result) > 0 {
		t.Error("another call was cancelled, too")
	}
	p.Cancel(neighbour.ID)
	neighbour.Wait(t)
}

func testConcurrent(t *testing.T, p *Plugin) {
	t.Helper()
	var callers sync.WaitGroup
	for caller := range 64 {
		callers.Go(func() {
			v := task.ListOf(task.Int32(int32(caller)), task.String(strings.Repeat("x", caller)))
			for how := range 20 {
				p.want(t, v, "echo", v)
				p.want(t, v, "later", v, task.Int32(int32(how%5)))
			}
		})
	}
	callers.Wait()
}

// testRelease makes sure that outputs were released, which is all of them:
// nothing runs any more. (An instance of a module releases with its next call.)
func testRelease(t *testing.T, p *Plugin) {
	t.Helper()
	p.want(t, task.Int64(0), "outstanding")
}

// BenchmarkEcho measures the conformance plugin's echo of 100 bytes.
func BenchmarkEcho(b *testing.B, p *Plugin) {
	b.Helper()
	args := []task.Value{task.String(strings.Repeat("x", 100))}
	index := p.index(b, "echo")
	b.Run("one caller", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.echo(b, index, args)
		}
	})
	b.Run("64 callers", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p.echo(b, index, args)
			}
		})
	})
}

func (p *Plugin) echo(b *testing.B, index int, args []task.Value) {
	b.Helper()
	p.Call(&library.Call{ID: lastID.Add(1), Task: index, Attempt: 1, Args: args}, func(status library.Status, _ task.Value) {
		if status != library.OK {
			b.Errorf("status %d", status)
		}
	})
}
