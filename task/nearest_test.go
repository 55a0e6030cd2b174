package task_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

func registryOf(t testing.TB, names ...string) *task.Registry {
	t.Helper()
	var r task.Registry
	for _, name := range names {
		made, err := task.NewSync(func() {}, task.Name(name))
		if err == nil {
			err = r.Add(made)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return &r
}

func TestNotFoundNamesTheNearest(t *testing.T) {
	r := registryOf(t, "add", "ping", "echo_bool", "echo_bytes", "echo_string", "fibonacci", "math::multiply", "maths::multiply")
	for name, want := range map[string]string{
		"ad":                     "add",
		"dad":                    "add",
		"pnig":                   "ping",
		"Fibonacci":              "fibonacci",
		"fibonnaci":              "fibonacci",
		"echo_byte":              "echo_bytes, echo_bool",
		"echo-string":            "echo_string",
		"multiply":               "math::multiply, maths::multiply",
		"math:multiply":          "math::multiply, maths::multiply",
		"math::multpily":         "math::multiply, maths::multiply",
		"nonexistent":            "",
		"p":                      "",
		"":                       "",
		"\xff\xfe":               "",
		strings.Repeat("x", 300): "",
	} {
		err := r.NotFound(name)
		message := "Method not found: " + name[:min(len(name), task.MaxNameLength)]
		if want != "" {
			message += " (nearest: " + want + ")"
		}
		if err.Code != task.NotFound || err.Message != message {
			t.Errorf("got %s: %s, want %s", err.Code, err.Message, message)
		}
	}
	if err := new(task.Registry).NotFound("add"); err.Message != "Method not found: add" {
		t.Errorf("of an empty registry: %s", err.Message)
	}
}

// The cost of a misspelt name does not grow with the number of tasks that are like it.
func BenchmarkNotFound(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			tasks := make([]*task.Task, n)
			for i := range tasks {
				var err error
				tasks[i], err = task.NewSync(func() {}, task.Name(fmt.Sprintf("plugin::a_task_of_many_words_%05d", i)))
				if err != nil {
					b.Fatal(err)
				}
			}
			var r task.Registry
			if err := r.Add(tasks...); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				_ = r.NotFound("plugin::a_task_of_many_wrods_05000")
			}
		})
	}
}
