package task_test

import (
	"context"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// The functions that are called through an adapter.
func add(numbers ...int32) (int32, error) {
	var sum int32
	for _, n := range numbers {
		sum += n
	}
	return sum, nil
}

type person struct {
	Name string
	Age  int32
}

func BenchmarkCall(b *testing.B) {
	three := []task.Value{task.Int32(1), task.Int32(2), task.Int32(3)}
	text := []task.Value{task.String("a")}
	for name, call := range map[string]struct {
		fn    any
		async bool
		args  []task.Value
	}{
		"add(1,2,3)": {fn: add, args: three},
		"raw":        {fn: func(args []task.Value) (task.Value, error) { return args[0], nil }, args: three},
		"fixed":      {fn: func(a, b, c int32) int32 { return a + b + c }, args: three},
		"async":      {fn: func(_ context.Context, s string) (string, error) { return s, nil }, async: true, args: text},
		"struct": {
			fn:   func(p person) string { return p.Name },
			args: []task.Value{task.MapOf(map[string]task.Value{"name": task.String("Jane"), "age": task.Int32(28)})},
		},
		"list": {fn: func(list task.List) int { return len(list) }, args: []task.Value{task.ListOf(three...)}},
	} {
		b.Run(name, func(b *testing.B) {
			register := task.NewSync
			if call.async {
				register = task.NewAsync
			}
			t, err := register(call.fn, task.Name("benchmark"))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := t.Run(b.Context(), call.args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
