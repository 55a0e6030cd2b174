package loader

import (
	"context"
	"os"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// Await returns when no file that is the plugin of that name has yet to be
// loaded, or ctx is over: for a caller who was faster than the loader. It returns
// at once where nothing of the kind is under way.
func (l *Loader) Await(ctx context.Context, plugin string) {
	for {
		change := l.catalog.loading(plugin, l.config.Dir)
		if change == nil {
			return
		}
		select {
		case <-change:
		case <-ctx.Done():
			return
		}
	}
}

// loading returns what is closed when something has changed about a plugin whose
// file, in dir, is not loaded yet; nil when there is none.
func (c *catalog) loading(plugin, dir string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.running || c.dirErr != nil {
		return nil
	}
	for _, e := range c.files {
		if e.name != plugin || e.supervisor == nil {
			continue
		}
		if read, change := e.supervisor.status.lastRead(); read != e.told {
			return change
		}
	}
	if checkName(plugin) != nil {
		return nil
	}
	for _, prefix := range []string{"lib", ""} {
		for _, ending := range []string{nativeEnding, ".wasm"} {
			if c.unsettled(prefix+plugin+ending, dir) {
				return c.changed
			}
		}
	}
	return nil
}

// unsettled tells whether a file is not as it was when it came to rest last. c.mu
// is held.
func (c *catalog) unsettled(name, dir string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	if err != nil {
		return false
	}
	e := c.files[name]
	return e == nil || e.err == nil && e.seen != file.FingerprintOf(info)
}
