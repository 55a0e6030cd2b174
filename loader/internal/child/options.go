package child

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// processName is what a child's os.Args begins with, and what lists of processes
// show.
const processName = "task-scheduler-plugin"

// Options are what a child is told on its command line.
type Options struct {
	// Path is the file to load.
	Path   string         `json:"path"`
	Limits sandbox.Limits `json:"limits"`
	// MaxFrameBytes is how long a frame may be.
	MaxFrameBytes int `json:"max_frame_bytes"`
	// CloseGrace is how long the library may take to shut down.
	CloseGrace time.Duration `json:"close_grace"`
	// Parent is the server's process id.
	Parent int `json:"parent"`
	// Clones is the descriptor of a socket for [sandbox.Confine].
	Clones int `json:"clones,omitempty"`

	// RequireConfinement has the file not loaded when Notes would not be empty.
	RequireConfinement bool `json:"require_confinement,omitempty"`

	// Confined is set by a child that has confined itself and starts itself anew,
	// with what it could not do in Notes.
	Confined bool     `json:"confined,omitempty"`
	Notes    []string `json:"notes,omitempty"`
}

// Command returns the program to start for a child that is to do what options
// say, and its arguments, beginning with its name. The plugin's name is for its
// last words.
func Command(plugin string, options Options) (path string, args []string, err error) {
	text, err := json.Marshal(options)
	if err != nil {
		return "", nil, err
	}
	path, err = ownBinary()
	return path, []string{processName, plugin, string(text)}, err
}

// ownBinary returns a path of the running binary.
func ownBinary() (string, error) {
	if runtime.GOOS == "linux" {
		// It stays what it is when the file is replaced, which an upgrade does.
		const self = "/proc/self/exe"
		if _, err := os.Stat(self); err == nil {
			return self, nil
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding the running binary: %w", err)
	}
	return executable, nil
}
