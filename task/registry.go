package task

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Func is what a task's function becomes once its signature is checked. It may
// panic. The arguments and what they hold must not be written to.
type Func func(ctx context.Context, args []Value) (Value, error)

// A Task is a function with the name that clients call it by. It does not
// change once it is in a [Registry].
type Task struct {
	// Name is unique in a registry. A plugin's task is "plugin::task".
	Name string
	// Async tasks wait on something; the others keep a core busy.
	Async bool
	// Interruptible tasks heed the context that Run gets, as async ones must:
	// it ends when the task is cancelled or out of time, and carries the [Call].
	Interruptible bool
	// Remote tasks run in another process, which bounds them by itself: they take
	// no core of this one, and those of one Source wait for each other alone.
	Remote bool
	// Source tells people where the task comes from: "add.go:12", a plugin's name.
	Source string
	// Signature says what the task takes and gives, in the grammar of
	// abi/task_plugin.h: "(factors: int64...) -> int64". Empty: nobody knows.
	Signature string
	// Doc is a sentence or a few for people, or empty.
	Doc string
	// Plugin is the name of the plugin that the task is from, and Version what it
	// says of its own. Both are empty for a Go function.
	Plugin, Version string
	// PluginSHA256 is that of the plugin's file, in hexadecimal.
	PluginSHA256 string
	// Run runs the function.
	Run Func

	parameters []string // their names, where they have some
}

// A Registry holds tasks by name. Look-ups take no lock. The zero Registry is
// empty and ready to use; it must not be copied.
type Registry struct {
	snapshot atomic.Pointer[snapshot]
	write    sync.Mutex // held while the snapshot is replaced
}

// A snapshot is what a registry holds at a time. It does not change.
type snapshot struct {
	tasks map[string]*Task
	names []string // sorted
}

// Lookup returns the task of that name, or nil.
func (r *Registry) Lookup(name string) *Task {
	s := r.snapshot.Load()
	if s == nil {
		return nil
	}
	return s.tasks[name]
}

// Tasks returns all tasks, sorted by name. The slice is the caller's.
func (r *Registry) Tasks() []*Task {
	s := r.snapshot.Load()
	if s == nil {
		return nil
	}
	tasks := make([]*Task, len(s.names))
	for i, name := range s.names {
		tasks[i] = s.tasks[name]
	}
	return tasks
}

// Add adds tasks, all or none: an invalid name, or one that is taken, is an
// error that tells where both come from.
func (r *Registry) Add(tasks ...*Task) error { return r.Replace("", tasks...) }

// Replace removes every task whose Source is source and adds tasks, in one
// step that every later [Registry.Lookup] sees whole: with no tasks it
// unloads, with new ones it reloads. An empty source removes nothing. On an
// error nothing has changed.
func (r *Registry) Replace(source string, tasks ...*Task) error {
	r.write.Lock()
	defer r.write.Unlock()
	next := make(map[string]*Task)
	if current := r.snapshot.Load(); current != nil {
		maps.Copy(next, current.tasks)
	}
	if source != "" {
		maps.DeleteFunc(next, func(_ string, t *Task) bool { return t.Source == source })
	}
	for _, t := range tasks {
		if !ValidName(t.Name) {
			return fmt.Errorf("task name %q (%s): want letters, digits, '_', '.', '-' and '::', and a letter or '_' first", t.Name, t.Source)
		}
		if t.Run == nil {
			return fmt.Errorf("task %q (%s) has no function to run", t.Name, t.Source)
		}
		if other := next[t.Name]; other != nil {
			return fmt.Errorf("task %q (%s) is registered already (%s)", t.Name, t.Source, other.Source)
		}
		next[t.Name] = t
	}
	r.snapshot.Store(&snapshot{tasks: next, names: slices.Sorted(maps.Keys(next))})
	return nil
}

// MaxNameLength is how many bytes a task's name may have.
const MaxNameLength = 256

// ValidName tells whether a task may have that name: it is of letters, digits,
// '_', '.', '-' and "::", begins with a letter or '_' and has at most
// [MaxNameLength] bytes.
func ValidName(name string) bool {
	if name == "" || len(name) > MaxNameLength {
		return false
	}
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		case i > 0 && ('0' <= c && c <= '9' || c == '.' || c == '-' || c == ':'):
		default:
			return false
		}
	}
	pairs := strings.Count(name, "::")
	return strings.Count(name, ":") == 2*pairs && !strings.Contains(name, ":::") && !strings.HasSuffix(name, ":")
}
