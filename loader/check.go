package loader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
)

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
	// Version and Doc are what it says of itself.
	Version, Doc string
	// Tasks are its tasks, with their full names, in the file's order.
	Tasks []TaskInfo
	// Notes are the protections that could not be applied to its process, one
	// sentence each.
	Notes []string
}

// Check loads a file as a [Loader] would, and unloads it again. Of config it
// uses Limits, PluginLimits, MaxMessageBytes, LoadTimeout, DirCheck,
// RequireConfinement, TempDir and Logger. The error says what is wrong with the file; what is known of it by
// then is returned too.
func Check(ctx context.Context, path string, config Config) (Checked, error) {
	found := Checked{File: filepath.Base(path)}
	if !isPluginFile(found.File) {
		return found, fmt.Errorf("%s would not be taken for a plugin: its name must end in %s or .wasm and must not begin with a dot",
			found.File, nativeEnding)
	}
	var err error
	if found.Name, err = pluginName(found.File); err != nil {
		return found, err
	}
	info, err := os.Stat(path) //nolint:gosec // to look at what the caller names is what this is for
	if err != nil {
		return found, err
	}
	config.Dir = filepath.Dir(path)
	if config, err = config.withDefaults(); err != nil {
		return found, err
	}
	stage := stage.New(config.TempDir)
	defer stage.Remove()
	launcher := &processLauncher{config: &config, stage: stage}
	staged, err := launcher.copyFile(ctx, found.File, file.FingerprintOf(info))
	if err != nil {
		return found, err
	}
	found.SHA256 = staged.SHA256
	child, err := launcher.start(ctx, found.Name, staged, func() {}) // nothing is called
	if err != nil {
		return found, err
	}
	defer child.Close(ctx)
	found.ABI, found.Notes = abi.Version, child.Notes()
	plugin := child.Describe()
	found.Version, found.Doc = plugin.Version, plugin.Doc
	for _, info := range plugin.Tasks {
		info.Name = taskName(found.Name, info)
		found.Tasks = append(found.Tasks, info)
	}
	return found, nil
}

// CheckAll is [Check] for each file of config.Dir that would be a plugin, in the
// order of their names. A directory that can't be used is a Checked without a File,
// and a reason; one that isn't there has no files.
func CheckAll(ctx context.Context, config Config) iter.Seq2[Checked, error] {
	return func(yield func(Checked, error) bool) {
		files, err := pluginFiles(config)
		if err != nil {
			yield(Checked{}, err)
			return
		}
		taken := make(map[string]string)
		for _, name := range files {
			found, err := Check(ctx, filepath.Join(config.Dir, name), config)
			if other, twice := taken[found.Name]; err == nil && twice {
				err = refusedTwice(name, other, found.Name)
			}
			taken[found.Name] = name
			if ctx.Err() != nil || !yield(found, err) {
				return
			}
		}
	}
}

// pluginFiles returns the names of the files that would be plugins, sorted.
func pluginFiles(config Config) (names []string, err error) {
	info, err := os.Stat(config.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && config.DirCheck {
		err = file.CheckWriters(config.Dir, info)
	}
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(config.Dir)
	for _, entry := range entries {
		if isPluginFile(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

// refusedTwice is why a file is no plugin whose name another one has.
func refusedTwice(name, other, plugin string) error {
	return fmt.Errorf("%s is refused: %s is the plugin %q already", name, other, plugin)
}
