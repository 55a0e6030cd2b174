// Package sandbox confines a plugin's process, from inside: what it may use of
// the machine, which files it sees, which system calls it may make.
package sandbox

import (
	"cmp"

	"github.com/taskscheduler/taskscheduler/internal/setting"
)

// Limits bound what a child process may use. A field left at zero has its
// default, which its tag says if it is a fixed one; where a number can be unlimited, a negative one makes it so. What a
// platform can't enforce is noted when it starts.
type Limits struct {
	// MemoryBytes is how much memory the process may have resident; above it
	// the process is killed.
	MemoryBytes int64 `json:"memory_bytes,omitempty" default:"1GiB" type:"size"`
	// CPUSeconds is how much processor time the process may take over its whole
	// life; then it is killed, and so started anew. Default: unlimited.
	CPUSeconds int64 `json:"cpu_seconds,omitempty"`
	// Processes is how many processes the plugin has, between which its calls are
	// spread; all other limits are each one's. Default: 1.
	Processes int `json:"processes,omitempty"`
	// Cores is how many processors the process may keep busy at a time.
	// Default: all.
	Cores int `json:"cores,omitempty"`
	// Nice is by how much its threads come after the server's where there are fewer
	// processors than both could use, from 1 to 19; each step is about a quarter.
	Nice int `json:"nice,omitempty" default:"10" type:"count"`
	// Threads is how many threads the process may have and, with Programs, those
	// of what it has started. Default: an eighth of what the server may have, but
	// 64 at least and 1024 at most.
	Threads int `json:"threads,omitempty"`
	// OpenFiles is how many files the process may have open.
	OpenFiles int64 `json:"open_files,omitempty" default:"256" type:"count"`
	// FileBytes is how long a file that the process writes may become.
	FileBytes int64 `json:"file_bytes,omitempty" default:"1GiB" type:"size"`
	// FolderBytes is how much the process may have in its working folder, at 4 KiB
	// a file at least; above it the process is killed.
	FolderBytes int64 `json:"folder_bytes,omitempty" default:"1GiB" type:"size"`
	// Network lets the process open sockets of IP.
	Network bool `json:"network,omitempty"`
	// Programs lets the process start other programs.
	Programs bool `json:"programs,omitempty"`
	// ReadPaths are files and folders that the process may read (and, with
	// Programs, run) besides the system's libraries and its own file.
	ReadPaths []string `json:"read_paths,omitempty"`
	// WritePaths are files and folders that the process may read and write
	// besides its own working folder.
	WritePaths []string `json:"write_paths,omitempty"`
	// Unconfined turns off everything that keeps the process from files,
	// sockets and system calls; the numbers above stay.
	Unconfined bool `json:"unconfined,omitempty"`
}

// Unlimited stands for a number without a limit, once defaults are filled in.
const Unlimited = -1

// mostNice is the least that a system may prefer a process.
const mostNice = 19

// WithDefaults returns the limits with their defaults filled in.
func (l Limits) WithDefaults() Limits {
	setting.Fill(&l)
	l.MemoryBytes = max(l.MemoryBytes, Unlimited)
	l.CPUSeconds = max(cmp.Or(l.CPUSeconds, Unlimited), Unlimited)
	l.OpenFiles = max(l.OpenFiles, Unlimited)
	l.Threads = max(cmp.Or(l.Threads, defaultThreads()), Unlimited)
	l.Nice = min(max(l.Nice, Unlimited), mostNice)
	l.FolderBytes = max(l.FolderBytes, Unlimited)
	l.FileBytes = max(l.FileBytes, Unlimited)
	return l
}
