package loader

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/taskscheduler/taskscheduler/loader/internal/library/format"
	"github.com/taskscheduler/taskscheduler/task"
)

// maxNameLength leaves room for a task's name within a registry's limit.
const maxNameLength = 128

// nativeEnding is what this platform's dynamic libraries end in.
var nativeEnding = format.Ending() //nolint:gochecknoglobals // a constant of the platform

// isPluginFile tells whether a file of that name is meant to be a plugin here. Other
// platforms' libraries may lie beside it.
func isPluginFile(file string) bool {
	return !strings.HasPrefix(file, ".") && (strings.EqualFold(filepath.Ext(file), nativeEnding) || isModule(file))
}

// isModule tells whether a file of that name is meant to be a WebAssembly module.
func isModule(file string) bool { return strings.EqualFold(filepath.Ext(file), ".wasm") }

// pluginName returns the name of the plugin that a file holds: its own, without "lib" and
// the ending. The error is for the one who named the file.
func pluginName(file string) (string, error) {
	name := strings.TrimPrefix(strings.TrimSuffix(file, filepath.Ext(file)), "lib")
	if err := checkName(name); err != nil {
		return name, fmt.Errorf("%s can't be a plugin: without \"lib\" and its ending %w", file, err)
	}
	return name, nil
}

// checkName tells what is wrong with a plugin's name: it must be a valid name of
// a task without "::". A name is never part of a path.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("nothing is left of its name")
	case len(name) > maxNameLength:
		return fmt.Errorf("its name has %d bytes, more than %d", len(name), maxNameLength)
	case !task.ValidName(name) || strings.Contains(name, ":"):
		return fmt.Errorf("its name is %q: want letters, digits, '_', '.' and '-', and a letter or '_' first", name)
	}
	return nil
}

// taskName returns the name by which clients call a plugin's task.
func taskName(plugin string, info TaskInfo) string { return plugin + "::" + info.Name }
