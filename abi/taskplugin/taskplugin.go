// Package taskplugin makes a plugin of Go functions: a WebAssembly module or a
// dynamic library, of the same source.
//
//	package main
//
//	import "github.com/taskscheduler/taskscheduler/abi/taskplugin"
//
//	func init() {
//		taskplugin.About("1.0.0", "Greets.")
//		taskplugin.Sync("greet", greet, "(name: string) -> string", "Says hello.")
//	}
//
//	func greet(name string) (string, error) { return "hello " + name, nil }
//
//	func main() {} // never called
//
// It is built by one of
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o greet.wasm .
//	CGO_ENABLED=1 go build -buildmode=c-shared -o libgreet.so .
//
// A task's function takes what its signature says: bool, the integers and floats
// of 32 and 64 bits, int, string, []byte, slices and maps with string keys of
// those, any; the last one may be variadic. A *[Call] may come first. It returns
// a result, an error, or both. An error is the task's failure, and so is a panic;
// see [BadArguments], [Retry] and [ErrCancelled] for other ends.
//
// It needs nothing but the standard library, and its files may be copied, with
// task_plugin.h beside them.
package taskplugin

import "fmt"

// maxTasks is how many a plugin may have: a dynamic library has a C function for
// each, and those can't be made while it runs.
const maxTasks = 200

// A function is a task's function with its arguments as Go values.
type function func(c *Call, args []any) (any, error)

// An entry is a task as the server will see it.
type entry struct {
	name, signature, doc string
	async                bool
	run                  function
}

// plugin is what there will be to serve, from the init functions on unchanged.
var plugin struct { //nolint:gochecknoglobals // init functions fill it
	version, doc string
	entries      []entry
}

// About says which version the plugin has, such as "1.0.0", and what it is for.
// Call it from an init function.
func About(version, doc string) { plugin.version, plugin.doc = version, doc }

// Sync makes a function a task that works. Call it from an init function. The
// grammar of signatures is in task_plugin.h: with one, the server refuses other
// arguments before the function is called. Empty: nothing is checked. It panics
// when run can't be a task's function.
func Sync(name string, run any, signature, doc string) {
	add(entry{name: name, signature: signature, doc: doc, run: adapt(name, run)})
}

// Async makes a function a task that waits for something most of its time. It
// takes no thread of the server's meanwhile; otherwise it is as [Sync] says.
func Async(name string, run any, signature, doc string) {
	add(entry{name: name, signature: signature, doc: doc, run: adapt(name, run), async: true})
}

func add(e entry) {
	if len(plugin.entries) == maxTasks {
		panic(fmt.Sprintf("taskplugin: a plugin in Go has at most %d tasks", maxTasks))
	}
	plugin.entries = append(plugin.entries, e)
}

// runSafely runs a task. A panic would end the plugin's process; it is a failure
// like others.
func runSafely(e *entry, c *Call, args []any) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return e.run(c, args)
}
