package loadertest

import (
	"log/slog"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// example is what the plugins of examples/plugins say of themselves.
var example = library.Description{
	Version: "1.0.0",
	Doc:     "Examples of what a task can do.",
	Tasks: []library.TaskInfo{
		{Name: "multiply", Signature: "(factors: int64...) -> int64", Doc: "Returns the product of all factors."},
		{
			Name: "delayed_echo", Async: true, Signature: "(value: any, milliseconds: int32) -> any",
			Doc: "Returns the value after that many milliseconds.",
		},
		{
			Name:      "summarize",
			Signature: "(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
			Doc:       "Counts and adds numbers, and lists a map's keys.",
		},
	},
}

// refusal is what the host says of other arguments than a task takes.
func refusal(task int, problem string) string {
	return example.Tasks[task].Name + example.Tasks[task].Signature + ": " + problem
}

// RunExample runs the part of the suite that the three tasks of examples/plugins
// allow, with one of these plugins.
func RunExample(t *testing.T, p *Plugin) {
	t.Helper()
	if got := p.Describe(); !reflect.DeepEqual(got, example) {
		t.Fatalf("got  %+v\nwant %+v", got, example)
	}
	t.Run("Multiply", func(t *testing.T) { testMultiply(t, p) })
	t.Run("DelayedEcho", func(t *testing.T) { testDelayedEcho(t, p) })
	t.Run("Summarize", func(t *testing.T) { testSummarize(t, p) })
	t.Run("Together", func(t *testing.T) { testTogether(t, p) })
}

func testMultiply(t *testing.T, p *Plugin) {
	t.Helper()
	p.want(t, task.Int64(42), "multiply", task.Int32(6), task.Int64(7))
	p.want(t, task.Int64(-42), "multiply", task.Int32(-6), task.Int64(7))
	p.want(t, task.Int64(1), "multiply")
	p.want(t, task.Int64(0), "multiply", task.Int64(0), task.Int64(math.MinInt64))
	p.want(t, task.Int64(math.MinInt64), "multiply", task.Int64(math.MinInt64), task.Int32(1))
	p.want(t, task.Int64(math.MinInt64), "multiply", task.Int64(math.MinInt64/2), task.Int32(2))
	for _, factors := range [][]task.Value{
		{task.Int64(math.MaxInt64), task.Int32(2)},
		{task.Int64(math.MinInt64), task.Int32(-1)},
		{task.Int32(-1), task.Int64(math.MinInt64)},
		{task.Int64(math.MinInt64), task.Int64(math.MaxInt64)},
	} {
		p.wantMessage(t, library.BadArguments, "the product does not fit an int64", "multiply", factors...)
	}
	p.wantMessage(t, library.BadArguments, refusal(0, "argument 2 is a string"), "multiply", task.Int64(6), task.String("6"))
	p.want(t, task.Int64(6), "multiply", task.Double(2), task.Uint64(3))
}

func testDelayedEcho(t *testing.T, p *Plugin) {
	t.Helper()
	for name, v := range values() {
		t.Run(name, func(t *testing.T) { p.want(t, v, "delayed_echo", v, task.Int32(0)) })
	}
	p.wantMessage(t, library.BadArguments, refusal(1, "want 2 arguments, got 1"), "delayed_echo", task.Null())

	r := p.Start(t, "delayed_echo", nil, task.String("later"), task.Int64(25))
	if got := r.Wait(t); got.Status != library.OK || !contracttest.Equal(got.Value, task.String("later")) {
		t.Errorf("got status %d, %s", got.Status, show(got.Value))
	}
	if got := p.Said.Lines(r.ID); !slices.Equal(got, []Line{{r.ID, slog.LevelDebug, "waiting"}}) {
		t.Errorf("got %v in the log", got)
	}
	if got := <-p.Said.ProgressOf(r.ID); got != (Progress{1, "waited"}) {
		t.Errorf("got progress %v", got)
	}
	r = p.Start(t, "delayed_echo", nil, task.String("never"), task.Int32(math.MaxInt32))
	p.Said.AwaitLine(r.ID)
	p.Cancel(r.ID)
	if got := r.Wait(t); got.Status != library.Cancelled {
		t.Errorf("got status %d, %s, want CANCELLED", got.Status, show(got.Value))
	}
}

func testSummarize(t *testing.T, p *Plugin) {
	t.Helper()
	numbers := task.ListOf(task.Int32(-1), task.Int64(2), task.Uint32(3), task.Uint64(4), task.Float(0.5), task.Double(0.25))
	p.want(t, summary(6, 8.75, "ключ"), "summarize", numbers, task.MapOf(map[string]task.Value{"ключ": task.Null()}))
	p.want(t, summary(0, 0), "summarize", task.ListOf(), task.MapOf(map[string]task.Value{}))
	p.wantMessage(t, library.BadArguments, refusal(2, "want 2 arguments, got 1"), "summarize", task.ListOf())
	p.wantMessage(t, library.BadArguments, refusal(2, "argument 1: item 1 is a bool"), "summarize",
		task.ListOf(task.Bool(true)), task.MapOf(map[string]task.Value{}))

	labels := make(map[string]task.Value)
	for _, key := range []string{"a", "bb", "ccc", "dddd"} {
		labels[key] = task.Int32(1)
	}
	got := p.Do(t, "summarize", task.ListOf(), task.MapOf(labels))
	fields, _ := got.Value.Map()
	keys, _ := fields["keys"].List()
	if len(keys) != len(labels) {
		t.Errorf("got %s, want %d keys", show(got.Value), len(labels))
	}
	for _, key := range keys {
		text, _ := key.Str()
		if _, ok := labels[text]; !ok {
			t.Errorf("got key %q", text)
		}
	}
}

func summary(count int64, sum float64, keys ...string) task.Value {
	items := make([]task.Value, len(keys))
	for i, key := range keys {
		items[i] = task.String(key)
	}
	return task.MapOf(map[string]task.Value{"count": task.Int64(count), "sum": task.Double(sum), "keys": task.ListOf(items...)})
}

func testTogether(t *testing.T, p *Plugin) {
	t.Helper()
	var callers sync.WaitGroup
	for caller := range int64(64) {
		callers.Go(func() {
			for i := range int64(20) {
				p.want(t, task.Int64(caller*i), "multiply", task.Int64(caller), task.Int64(i))
				p.want(t, task.Int64(i), "delayed_echo", task.Int64(i), task.Int32(int32(i%3)))
				p.want(t, summary(1, float64(i), "k"), "summarize",
					task.ListOf(task.Int64(i)), task.MapOf(map[string]task.Value{"k": task.Null()}))
			}
		})
	}
	callers.Wait()
}
