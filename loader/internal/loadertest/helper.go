package loadertest

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// RunHelper runs the suite of the helpers that abi has for languages, with a
// plugin of testdata/helper: they make statuses of what goes wrong in the
// language's own way, and values of the language's own.
// panics is what the server is told when a task panics.
func RunHelper(t *testing.T, p *Plugin, panics string) {
	t.Helper()
	for _, name := range []string{"end", "end_later"} {
		t.Run(name, func(t *testing.T) { testEnds(t, p, name, panics) })
	}
	t.Run("Values", func(t *testing.T) {
		want := task.MapOf(map[string]task.Value{
			"null": task.Null(), "bool": task.Bool(true), "int32": task.Int32(-1), "int64": task.Int64(-1 << 40),
			"uint32": task.Uint32(1 << 31), "uint64": task.Uint64(1 << 63), "float": task.Float(0.5), "double": task.Double(0.1),
			"string": task.String("日本"), "bytes": task.Bytes([]byte{0, 255}),
			"list": task.ListOf(task.Double(1), task.Double(2)),
			"map":  task.MapOf(map[string]task.Value{"x": task.ListOf(task.String("a"), task.String(""))}),
		})
		p.want(t, want, "values")
	})
	t.Run("Arguments", func(t *testing.T) {
		p.want(t, task.String("2 a 1.5 x"), "arguments", task.ListOf(task.String("a"), task.String("b")),
			task.MapOf(map[string]task.Value{"x": task.Double(1.5)}))
		// There is no signature: the helper checks.
		p.wantPart(t, library.BadArguments, "argument 1", "arguments", task.String("a"), task.Null())
		p.wantPart(t, library.BadArguments, "", "arguments")
	})
	t.Run("Call", func(t *testing.T) {
		r := p.Start(t, "speak", func(call *library.Call) { call.Attempt, call.TaskID = 3, "an id" }, task.String("日本"))
		if got := r.Wait(t); show(got.Value) != show(task.String("3 an id")) {
			t.Errorf("got %s", show(got.Value))
		}
		want := []Line{
			{r.ID, slog.LevelDebug, "日本"},
			{r.ID, slog.LevelInfo, "日本"},
			{r.ID, slog.LevelWarn, "日本"},
			{r.ID, slog.LevelError, "日本"},
		}
		if got := p.Said.Lines(r.ID); !slices.Equal(got, want) {
			t.Errorf("logged %v, want %v", got, want)
		}
		if got := <-p.Said.ProgressOf(r.ID); got != (Progress{0.5, "日本"}) {
			t.Errorf("got progress %v", got)
		}
	})
	t.Run("Cancel", func(t *testing.T) {
		r := p.Start(t, "wait", nil)
		p.Said.AwaitLine(r.ID)
		p.Cancel(r.ID)
		if got := r.Wait(t); got.Status != library.Cancelled {
			t.Errorf("got status %d, want CANCELLED", got.Status)
		}
	})
}

// testEnds has a task end in every way that there is.
func testEnds(t *testing.T, p *Plugin, name, panics string) {
	t.Helper()
	async := p.Describe().Tasks[p.index(t, name)].Async
	if want := strings.HasSuffix(name, "_later"); async != want {
		t.Fatalf("async is %t", async)
	}
	for range 3 { // what ended badly has spoilt nothing
		p.want(t, task.String("well"), name, task.String("well"))
		p.wantPart(t, library.Failed, "it failed", name, task.String("failed"))
		p.wantPart(t, library.Retry, "try again", name, task.String("retry"))
		p.wantPart(t, library.BadArguments, "not so", name, task.String("bad"))
		p.wantPart(t, library.Failed, panics, name, task.String("panic"))
		if got := p.Do(t, name, task.String("cancelled")); got.Status != library.Cancelled {
			t.Errorf("got status %d, want CANCELLED", got.Status)
		}
	}
}

// wantPart calls a task and expects that status, and a text that has a part.
func (p *Plugin) wantPart(t testing.TB, status library.Status, part, name string, args ...task.Value) {
	t.Helper()
	got := p.Do(t, name, args...)
	if message, _ := got.Value.Str(); got.Status != status || !strings.Contains(message, part) {
		t.Errorf("%s: got status %d, %s, want status %d, and %q in it", name, got.Status, show(got.Value), status, part)
	}
}
