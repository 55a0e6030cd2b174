package loader_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// A program that loads plugins calls BecomePlugin first thing in main, and runs
// a loader until it ends.
func Example() {
	loader.BecomePlugin() // in a plugin's process, this is where main ends

	var tasks task.Registry
	dir, _ := os.MkdirTemp("", "libraries-*")
	defer os.RemoveAll(dir)
	plugins, err := loader.New(loader.Config{Dir: dir, Tasks: &tasks})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- plugins.Run(ctx) }()

	<-plugins.Ready() // what is there is loaded; what is put there later is, too
	for _, p := range plugins.Plugins() {
		fmt.Println(p.Name, p.State, p.Tasks)
	}
	fmt.Println("ready with", len(tasks.Tasks()), "tasks")

	stop()
	fmt.Println(<-ended)
	// Output:
	// ready with 0 tasks
	// <nil>
}

// An operator may want a plugin's file loaded anew, and to know what that did.
func ExampleLoader_Reload() {
	plugins, err := loader.New(loader.Config{Dir: "libraries", Tasks: new(task.Registry)})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The name of libmath.so is math. Here, Run was not called yet.
	switch result, err := plugins.Reload(context.Background(), "math"); {
	case err != nil:
		fmt.Println(err)
	case result.Action == loader.Restarted:
		fmt.Println("a new process of the same code:", result.SHA256)
	default:
		fmt.Println(result.Action, result.Before, "→", result.SHA256)
	}
	// Output: plugins are not being loaded: the server is starting or shutting down
}

// Check tells whether a file would be loaded, and with which tasks.
func ExampleCheck() {
	file := filepath.Join("testdata", "fixture.c")
	found, err := loader.Check(context.Background(), file, loader.Config{
		Limits: loader.Limits{MemoryBytes: 256 << 20},
	})
	if err != nil {
		fmt.Println("no plugin:", found.File)
		return
	}
	for _, t := range found.Tasks {
		fmt.Println(t.Name)
	}
	// Output: no plugin: fixture.c
}

// Config.Notify hears of what happens to plugins.
func ExampleConfig() {
	config := loader.Config{
		Dir:   "libraries",
		Tasks: new(task.Registry),
		PluginLimits: map[string]loader.Limits{
			"camera": {MemoryBytes: 4 << 30, Network: true},
		},
		Notify: func(e loader.Event) {
			if e.Kind == loader.EventQuarantined {
				fmt.Println(e.Plugin, "needs somebody to look at it:", e.Message)
			}
		},
	}
	_, err := loader.New(config)
	fmt.Println(err)
	// Output: <nil>
}
