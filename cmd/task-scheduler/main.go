// Task-scheduler runs the service and calls it. To add tasks of your own, copy
// this file and import the packages that register them beside builtin, or
// write them in the copy: whatever task.Sync and task.Async register is served.
package main

import (
	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/cmd"
)

func main() { cmd.Main() }
