package loader

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
)

// A TaskInfo is a task that a plugin offers.
type TaskInfo = library.TaskInfo

// Checked is what [Check] found a file to be.
type Checked struct {
	// Name is the plugin's name; its tasks are "name::task".
	Name string
	// File is the file's name, without the directory.
	File string
	// SHA256 is that of the file, in hexadecimal.
	SHA256 string
	// ABI is the version of the ABI that it was made for.
	ABI int
	// Tasks are its tasks, with their full names, in the file's order.
	Tasks []TaskInfo
	// Notes are the protections that could not be applied to its process, one
	// sentence each.
	Notes []string
}

// Check loads a file as a [Loader] would, and unloads it again. Of config it
// uses Limits, PluginLimits, MaxMessageBytes, LoadTimeout, DirCheck, TempDir and
// Logger. The error says what is wrong with the file; what is known of it by
// then is returned too.
func Check(ctx context.Context, path string, config Config) (Checked, error) {
	config = config.withDefaults()
	found := Checked{File: filepath.Base(path)}
	if !isPluginFile(found.File) {
		return found, fmt.Errorf("%s would not be taken for a plugin: its name must end in %s or .wasm and must not begin with a dot",
			found.File, nativeEnding)
	}
	var err error
	if found.Name, err = pluginName(found.File); err != nil {
		return found, err
	}
	stage, err := newStage(config.TempDir)
	if err != nil {
		return found, err
	}
	defer stage.remove()
	path, err = filepath.Abs(path)
	if err != nil {
		return found, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return found, err
	}
	copied, err := stage.copy(ctx, path, footprintOf(info), config.DirCheck)
	if err != nil {
		return found, err
	}
	defer copied.drop()
	found.SHA256 = copied.hash

	p := newPlugin(&Loader{config: config, stage: stage}, found.Name, found.File)
	generation, err := p.start(ctx, copied)
	if err != nil {
		return found, err
	}
	defer copied.drop() // the generation's
	process := generation.process
	defer process.Close(ctx)
	found.ABI, found.Notes = abi.Version, process.Notes()
	for _, info := range process.Tasks() {
		found.Tasks = append(found.Tasks, TaskInfo{Name: p.taskName(info), Async: info.Async})
	}
	return found, nil
}
