package loader

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/shelf"
	"github.com/taskscheduler/taskscheduler/task"
)

// installTime bounds how long a file that was installed may take to serve, beside
// the time that it may take to load.
const installTime = 30 * time.Second

// Install puts a file into the library directory, under a name without a directory,
// in the place of the one that is there, and returns when its tasks can be called.
// It is loaded in a process of its own first, with its process's limits: what is
// wrong with it changes nothing. What it takes the place of is kept for
// [Loader.Revert]. dry: it is only looked at.
//
// Errors are of type [task.Error], as those of [Loader.Load].
func (l *Loader) Install(
	ctx context.Context, name string, content []byte, dry bool,
) (found Checked, result LoadResult, err error) {
	if filepath.Base(name) != name || !isPluginFile(name) {
		return found, result, task.Errorf(task.InvalidArgument,
			"%.140q is not a plugin file's name: want one without a directory that ends in %s or .wasm", name, nativeEnding)
	}
	plugin, err := pluginName(name)
	if err != nil {
		return found, result, task.Errorf(task.InvalidArgument, "%w", err)
	}
	for _, p := range l.Plugins() {
		if p.Name == plugin && p.File != name {
			return found, result, task.Errorf(task.FailedPrecondition,
				"the plugin %s is the file %s: give the new one that name", plugin, p.File)
		}
	}
	l.installing.Lock()
	defer l.installing.Unlock()
	if found, err = l.try(ctx, name, content); err != nil {
		return found, result, task.Errorf(task.FailedPrecondition, "%w", err)
	}
	if dry {
		return found, result, nil
	}
	result, err = l.replace(ctx, plugin, name, content)
	return found, result, err
}

// try loads contents as the plugin file of that name, apart from those that serve.
func (l *Loader) try(ctx context.Context, name string, content []byte) (Checked, error) {
	dir, err := os.MkdirTemp(l.config.TempDir, "task-scheduler-install-")
	if err != nil {
		return Checked{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, name)
	const mode = 0o600
	if err := os.WriteFile(path, content, mode); err != nil {
		return Checked{}, err
	}
	config := l.config
	config.DirCheck = false // the folder is this process's
	return Check(ctx, path, config)
}

// replace has contents serve as a plugin. What was there before comes back if they
// don't.
func (l *Loader) replace(ctx context.Context, plugin, name string, content []byte) (result LoadResult, err error) {
	kept := shelf.Shelf{Dir: l.config.Dir}
	before, err := kept.Put(name)
	if err == nil {
		err = kept.Install(name, content)
	}
	if err != nil {
		return result, task.Errorf(task.FailedPrecondition, "the library directory can't be written: %w", err)
	}
	// Half of it is worse than all, whoever leaves meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), installTime+l.config.LoadTimeout)
	defer cancel()
	if err = l.catalog.appears(ctx, name); err == nil {
		result, err = l.Reload(ctx, plugin)
	}
	if err == nil {
		return result, nil
	}
	return result, task.ErrorOf(errors.Join(err, l.putBack(kept, name, before)))
}

// putBack undoes an installation.
func (l *Loader) putBack(kept shelf.Shelf, name, before string) error {
	if before == "" {
		return kept.Remove(name)
	}
	content, err := kept.Take(name, before)
	if err != nil {
		return err
	}
	return kept.Install(name, content)
}

// appears returns when a file has come to rest for the first time.
func (c *catalog) appears(ctx context.Context, name string) error {
	for {
		c.mu.Lock()
		e, change := c.files[name], c.changed
		c.mu.Unlock()
		if e != nil {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return task.Errorf(task.DeadlineExceeded, "the file %s is there, and not loaded yet", name)
		}
	}
}

// Revert brings back a version of a plugin's file that an [Loader.Install] has
// replaced, by its SHA-256, or the one that was replaced last. What serves now is
// kept in turn.
func (l *Loader) Revert(ctx context.Context, plugin, hash string) (LoadResult, error) {
	var result LoadResult
	for _, p := range l.Plugins() {
		if p.Name != plugin || p.File == "" {
			continue
		}
		kept := shelf.Shelf{Dir: l.config.Dir}
		for _, version := range kept.Versions(p.File) {
			if version.SHA256 == hash || hash == "" && version.SHA256 != p.SHA256 {
				content, err := kept.Take(p.File, version.SHA256)
				if err != nil {
					return result, task.Errorf(task.FailedPrecondition, "%w", err)
				}
				_, result, err = l.Install(ctx, p.File, content, false)
				return result, err
			}
		}
		return result, task.Errorf(task.NotFound, "no version of plugin %s is kept that could be brought back", plugin)
	}
	return result, task.Errorf(task.NotFound, "there is no plugin %.*q", maxNameLength, plugin)
}

// Replaced returns the versions of a plugin's file that [Loader.Revert] can bring
// back, newest first.
func (l *Loader) Replaced(file string) (versions []Version) {
	if filepath.Base(file) != file {
		return nil
	}
	for _, v := range (shelf.Shelf{Dir: l.config.Dir}).Versions(file) {
		versions = append(versions, Version{SHA256: v.SHA256, Bytes: v.Bytes, LoadedAt: v.Kept})
	}
	return versions
}
