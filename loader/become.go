package loader

import "github.com/taskscheduler/taskscheduler/loader/internal/child"

// BecomePlugin runs a plugin in a process that was started for one, and does
// not return there. Everywhere else it returns at once.
func BecomePlugin() { child.Main() }
