// Package builtin holds the tasks that every server has. It is imported for
// its side effect, registering them in task.Default, and it is the example to
// copy for tasks of your own: a plain Go function with one line above it.
//
//	import _ "github.com/taskscheduler/taskscheduler/builtin"
//
// What the tasks take and give, to the letter, is part of the wire contract.
package builtin
