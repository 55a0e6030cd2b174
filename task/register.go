package task

import (
	"fmt"
	"path"
	"runtime"
)

// standard holds what Sync and Async registered.
var standard Registry //nolint:gochecknoglobals // package-level variables register before main runs

// Default returns the registry that [Sync] and [Async] fill at start-up.
func Default() *Registry { return &standard }

// An Option changes how a function is registered.
type Option func(*Task)

// Name gives the task another name than its function's. Closures, method
// values and generic functions have no name of their own and need it.
func Name(name string) Option { return func(t *Task) { t.Name = name } }

// Params names the function's parameters, in their order and without a context,
// for the signature that people read. A function of []Value has one, for all its
// arguments. Without names they are arg1, arg2, ….
func Params(names ...string) Option { return func(t *Task) { t.parameters = names } }

// Doc says in a sentence or a few what the task does.
func Doc(text string) Option { return func(t *Task) { t.Doc = text } }

// Sync registers a function that keeps a core busy, as [NewSync] describes.
// It is meant for package-level variables, so what can't be registered is a
// programmer's error: it panics, naming the place.
func Sync(fn any, options ...Option) *Task { return register(fn, false, options) }

// Async registers a function that waits on something, as [NewAsync] describes.
// It panics where [Sync] does.
func Async(fn any, options ...Option) *Task { return register(fn, true, options) }

func register(fn any, async bool, options []Option) *Task {
	const callerOfSync = 2
	t, err := newTask(fn, async, place(callerOfSync+1), options)
	if err == nil {
		err = standard.Add(t)
	}
	if err != nil {
		panic("task: " + err.Error())
	}
	return t
}

// NewSync returns a task that runs fn, without registering it.
//
// Each parameter of fn takes one argument: bool, int32, int64, uint32, uint64,
// float32, float64, string, []byte, a slice (a list), a map with string keys or
// a struct (a map), [Value] (anything), or int and uint (any integer that
// fits). A number of another kind is taken where it fits exactly: a double of 5
// for an int32. A variadic parameter takes
// the rest; a pointer is nil when its argument, or its key in a map, is absent.
// A struct's fields are found under their name in snake case, or what their
// json tag says; absent keys leave the zero value, others are passed over. The
// fields of an embedded struct count as the outer one's.
// A function whose only parameter is []Value gets all arguments as they are.
// It must not write to them, nor to a []byte, []Value or map[string]Value in
// any other parameter: they are not copies. A context.Context may come before the
// parameters, for work that can be interrupted.
//
// fn returns nothing, a result, an error, or a result and an error. The result
// is of a type that [ValueOf] takes. Any other signature is an error.
func NewSync(fn any, options ...Option) (*Task, error) {
	return newTask(fn, false, place(2), options)
}

// NewAsync is like [NewSync] for a function that waits on something: its first
// parameter is a context.Context, which ends when the task is cancelled or out
// of time. The function must return soon after that.
func NewAsync(fn any, options ...Option) (*Task, error) {
	return newTask(fn, true, place(2), options)
}

func newTask(fn any, async bool, source string, options []Option) (*Task, error) {
	t := &Task{Async: async, Source: source, Name: functionName(fn)}
	for _, option := range options {
		option(t)
	}
	switch err := t.adapt(fn); {
	case err != nil && t.Name == "":
		return nil, fmt.Errorf("%s: %w", source, err)
	case err != nil:
		return nil, fmt.Errorf("%s: task %s: %w", source, t.Name, err)
	case t.Name == "":
		return nil, fmt.Errorf("%s: %T has no name of its own: give it one with task.Name", source, fn)
	}
	return t, nil
}

// place returns the file and line of the caller skip frames up.
func place(skip int) string {
	_, file, line, _ := runtime.Caller(skip)
	return fmt.Sprintf("%s:%d", path.Join(path.Base(path.Dir(file)), path.Base(file)), line)
}
