// Package child makes a binary able to run plugins: a child process is the same
// binary started again, and [Main] is where it becomes one. It tells by its
// command line; in any other process it does nothing.
package child

import (
	"path/filepath"
	"strings"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/native"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/wasm"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
)

func init() { process.Prepare() } //nolint:gochecknoinits // what main prints must not reach the parent as frames

// Main runs the plugin in a process that was started for one, and does not
// return there. Everywhere else it returns at once. A program that loads
// plugins calls it first thing in main: whatever comes before is done in each
// child too. It can't be done in an init, see [process.Main].
func Main() { process.Main(open) }

// open opens a plugin's file with what its name's ending asks for.
func open(path string, services library.Services) (library.Library, error) {
	if strings.EqualFold(filepath.Ext(path), ".wasm") {
		return wasm.Open(path, services)
	}
	if err := process.SurrenderFaults(); err != nil {
		return nil, err
	}
	return native.Open(path, services)
}
