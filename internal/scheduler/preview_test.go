package scheduler

import (
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

func TestPreview(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	deep := task.Int32(1)
	for range task.MaxDepth {
		deep = task.ListOf(deep)
	}
	for want, args := range map[string][]task.Value{
		`[]`:                      nil,
		`[1,-2.5,true,null,"a"]`:  {task.Int32(1), task.Double(-2.5), task.Bool(true), task.Null(), task.String("a")},
		`["aGk=",["\u003c\n"],7]`: {task.Bytes([]byte("hi")), task.ListOf(task.String("<\n")), task.Uint64(7)},
		`[{"a":1,"b":{}}]`: {task.MapOf(map[string]task.Value{
			"b": task.MapOf(nil), "a": task.Int32(1),
		})},
	} {
		if got := preview(args, 100); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, args := range [][]task.Value{
		{task.String(long)},
		{task.Bytes([]byte(long))},
		{task.String("a"), task.String(long), task.String(long)},
		make([]task.Value, 1<<20),
		{deep, task.String(long)},
		{task.MapOf(map[string]task.Value{long: task.String(long)})},
	} {
		got := preview(args, 1000)
		if len(got) < 1000 || len(got) > 2000 || !strings.Contains(got, "…") {
			t.Errorf("a preview of %d bytes: %.50s…", len(got), got)
		}
	}
}
