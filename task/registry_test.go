package task_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// named returns a task of that name, whose result is its source.
func named(name, source string) *task.Task {
	return &task.Task{Name: name, Source: source, Run: func(context.Context, []task.Value) (task.Value, error) {
		return task.String(source), nil
	}}
}

func names(r *task.Registry) string {
	var all []string
	for _, found := range r.Tasks() {
		all = append(all, found.Name)
	}
	return strings.Join(all, " ")
}

func TestRegistry(t *testing.T) {
	var r task.Registry
	if r.Lookup("add") != nil || len(r.Tasks()) != 0 {
		t.Error("an empty registry has tasks")
	}
	b, a := named("b", "one"), named("a", "two")
	if err := r.Add(b, a); err != nil {
		t.Fatal(err)
	}
	if r.Lookup("a") != a || r.Lookup("b") != b || r.Lookup("c") != nil || names(&r) != "a b" {
		t.Errorf("got %s", names(&r))
	}
}

func TestAddAllOrNone(t *testing.T) {
	var r task.Registry
	if err := r.Add(named("a", "one")); err != nil {
		t.Fatal(err)
	}
	err := r.Add(named("b", "two"), named("a", "two"))
	if err == nil || err.Error() != `task "a" (two) is registered already (one)` {
		t.Error(err)
	}
	if err := r.Add(named("b", "two"), named("b", "two")); err == nil {
		t.Error("one name twice was added")
	}
	if err := r.Add(&task.Task{Name: "c", Source: "two"}); err == nil || !strings.Contains(err.Error(), "no function") {
		t.Errorf("a task that does nothing: %v", err)
	}
	if names(&r) != "a" {
		t.Errorf("a failure left %s", names(&r))
	}
}

func TestReplace(t *testing.T) {
	var r task.Registry
	mustReplace := func(source string, tasks ...*task.Task) {
		t.Helper()
		if err := r.Replace(source, tasks...); err != nil {
			t.Fatal(err)
		}
	}
	mustReplace("", named("own", "main.go:1"))
	mustReplace("math", named("math::a", "math"), named("math::b", "math"))
	mustReplace("math", named("math::b", "math"), named("math::c", "math"))
	if names(&r) != "math::b math::c own" {
		t.Errorf("after a reload: %s", names(&r))
	}
	if err := r.Replace("math", named("own", "math")); err == nil || names(&r) != "math::b math::c own" {
		t.Errorf("after a failed reload: %s, %v", names(&r), err)
	}
	mustReplace("math")
	if names(&r) != "own" {
		t.Errorf("after unloading: %s", names(&r))
	}
}

func TestTaskNames(t *testing.T) {
	longest := strings.Repeat("a", task.MaxNameLength)
	for _, name := range []string{"a", "_", "Add2", "a.b-c", "math::multiply", "a::b::c", longest} {
		var r task.Registry
		if err := r.Add(named(name, "test")); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{
		"", "2a", ".a", "-a", "a b", "grüße", "a/b", "a\n", "\xff",
		"a:b", "a:", "::a", "a::", "a:::b", "a::::b", longest + "a",
	} {
		var r task.Registry
		if err := r.Add(named(name, "test")); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q (test)", name)) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Readers see the whole of one version, never parts of two.
func TestReplaceIsAtomic(t *testing.T) {
	const versions, size = 500, 20
	version := func(v int) []*task.Task {
		tasks := make([]*task.Task, size)
		for i := range tasks {
			tasks[i] = named(fmt.Sprintf("p::t%d", i), "p")
			tasks[i].Async = v%2 == 1
		}
		return tasks
	}
	var r task.Registry
	if err := r.Replace("p", version(0)...); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				tasks := r.Tasks()
				for _, found := range tasks {
					if len(tasks) != size || found.Async != tasks[0].Async {
						t.Error("a mixture of two versions")
						return
					}
				}
				if r.Lookup("p::t7") == nil {
					t.Error("a task was away for a moment")
					return
				}
			}
		})
	}
	for v := range versions {
		if err := r.Replace("p", version(v)...); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
}

// unregister takes a task out of the default registry when the test has ended.
func unregister(t *testing.T, made *task.Task) {
	t.Helper()
	t.Cleanup(func() {
		if err := task.Default().Replace(made.Source); err != nil {
			t.Error(err)
		}
	})
}

func TestSyncAndAsyncRegister(t *testing.T) {
	made := task.Sync(func() string { return "a" }, task.Name("registered_sync"))
	unregister(t, made)
	if task.Default().Lookup("registered_sync") != made || made.Async || !strings.HasPrefix(made.Source, "task/registry_test.go:") {
		t.Errorf("got %+v", made)
	}
	made = task.Async(func(context.Context) {}, task.Name("registered_async"))
	unregister(t, made)
	if task.Default().Lookup("registered_async") != made || !made.Async || !made.Interruptible {
		t.Errorf("got %+v", made)
	}
}

// A function that can't be registered stops the program at its start, with the place.
func TestRegistrationPanics(t *testing.T) {
	unregister(t, task.Sync(func() {}, task.Name("taken")))
	for name, test := range map[string]struct {
		register func()
		want     []string
	}{
		"a duplicate":     {func() { task.Sync(func() {}, task.Name("taken")) }, []string{`"taken" (task/registry_test.go:`, "registered already (task/registry_test.go:"}},
		"a wrong type":    {func() { task.Sync(func(chan int) {}, task.Name("x")) }, []string{"task/registry_test.go:", "task x: parameter 1: chan int"}},
		"no context":      {func() { task.Async(func() {}, task.Name("x")) }, []string{"context.Context"}},
		"no name":         {func() { task.Sync(func() {}) }, []string{"task/registry_test.go:", "task.Name"}},
		"an invalid name": {func() { task.Sync(func() {}, task.Name("a b")) }, []string{`"a b"`}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				message, _ := recover().(string)
				for _, want := range test.want {
					if !strings.HasPrefix(message, "task: ") || !strings.Contains(message, want) {
						t.Errorf("panicked with %q, want %q", message, want)
					}
				}
			}()
			test.register()
		})
	}
}
