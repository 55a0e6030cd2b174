package loader

import "time"

// Plugin is what a [Loader] tells about a file.
type Plugin struct {
	// Name is the plugin's name; its tasks are "name::task".
	Name string
	// File is the file's name, without the directory.
	File string
	// SHA256 is that of the code that is loaded, in hexadecimal; empty when none is.
	SHA256 string
	State  State
	// Tasks are the full names of its tasks, in the file's order.
	Tasks []string
	// PID is its process; 0 when there is none.
	PID int
	// MemoryBytes is what its processes have resident, 0 where that is unknown.
	MemoryBytes int64
	// Processes are all that it has.
	Processes []Process
	// Versions are those that were loaded since the start, oldest first; of very many
	// the newest. They must not be changed.
	Versions []Version
	// Restarts counts the processes that took over from one that died or was stuck.
	Restarts int
	// LastError is why something failed last; empty again once a file was loaded.
	LastError string
	// LoadedAt is when its code was loaded; restarts don't count.
	LoadedAt time.Time
	// Notes are the protections that could not be applied to its process, one sentence each.
	Notes []string
}

// Process is a process that runs a plugin's tasks.
type Process struct {
	PID         int
	MemoryBytes int64
}

// Version is a file that was loaded as a plugin.
type Version struct {
	SHA256 string
	// Version is what it says of itself; it may be empty.
	Version  string
	Bytes    int64
	LoadedAt time.Time
}

// maxVersions is how many versions of a plugin are told of.
const maxVersions = 20

// State is where a plugin stands: the state of its supervisor.
type State string

// The states.
const (
	// StateLoading: its file is being loaded for the first time.
	StateLoading State = "loading"
	// StateServing: its tasks can be called.
	StateServing State = "serving"
	// StateRestarting: its process has died and is being started again. Calls
	// wait a little.
	StateRestarting State = "restarting"
	// StateQuarantined: its process died over and over. It is started again
	// after a long pause, or when its file changes or an operator asks for it.
	// Calls fail.
	StateQuarantined State = "quarantined"
	// StateUnloaded: an operator unloaded it. It has no tasks.
	StateUnloaded State = "unloaded"
	// StateFailed: its file could not be loaded. It has no tasks.
	StateFailed State = "failed"
)
