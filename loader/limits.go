package loader

import "github.com/taskscheduler/taskscheduler/loader/internal/process"

// Limits bound what a plugin's process may use. A field left at zero has its
// default; where a number can be unlimited, a negative one makes it so. What
// the platform can't enforce is in the notes of a plugin's status.
type Limits = process.Limits
