package loader

import (
	"context"

	"github.com/taskscheduler/taskscheduler/task"
)

// A LoadResult tells what [Loader.Reload] did.
type LoadResult struct {
	Action Action
	// SHA256 is that of the contents that serve now, in hexadecimal, and Before
	// that of those that did before; empty when none did.
	SHA256, Before string
}

// Action is what was done.
type Action string

// The actions.
const (
	// Loaded: the plugin was not loaded before, and is now.
	Loaded Action = "loaded"
	// Reloaded: other contents serve than before.
	Reloaded Action = "reloaded"
	// Restarted: a new process serves the same contents.
	Restarted Action = "restarted"
	// Unchanged: it was loaded already, and nothing was done.
	Unchanged Action = "unchanged"
)

// A command is what an operator wants of a plugin.
type command int

const (
	load command = iota
	unload
	reload
)

// Load loads the plugin of that name if it is not loaded: one that was unloaded,
// that is in quarantine or that failed. It returns when its tasks can be called,
// or why they can't. A file that is being written is waited for. When ctx ends,
// the loading goes on.
//
// Errors of these methods are of type [task.Error]: NOT_FOUND when there
// is no file for the name, INVALID_ARGUMENT when it is not a name,
// FAILED_PRECONDITION when the plugin could not be loaded; or ctx's.
func (l *Loader) Load(ctx context.Context, name string) (LoadResult, error) {
	return l.operate(ctx, name, load)
}

// Unload takes the tasks of the plugin of that name away. It stays unloaded
// until [Loader.Load] or [Loader.Reload], or until its file changes. Calls in
// flight are not waited for; they have Config.DrainTimeout to end.
func (l *Loader) Unload(ctx context.Context, name string) error {
	_, err := l.operate(ctx, name, unload)
	return err
}

// Reload loads the file of the plugin of that name anew, also when it is the
// same as before, and returns when the new process serves, with what was done.
// Calls in flight end in the old process. If it fails the old one stays, and the
// error says why.
func (l *Loader) Reload(ctx context.Context, name string) (LoadResult, error) {
	return l.operate(ctx, name, reload)
}

// ReloadAll is Reload for every plugin that no operator unloaded. It returns
// their names, each with its error or nil.
func (l *Loader) ReloadAll(ctx context.Context) map[string]error {
	outcomes := make(map[string]error)
	for _, plugin := range l.Plugins() {
		// There may be a plugin and a file that was never loaded under one name.
		if _, done := outcomes[plugin.Name]; !done && plugin.State != StateUnloaded {
			_, outcomes[plugin.Name] = l.Reload(ctx, plugin.Name)
		}
	}
	return outcomes
}

func (l *Loader) operate(ctx context.Context, name string, do command) (LoadResult, error) {
	if checkName(name) != nil {
		return LoadResult{}, task.Errorf(task.InvalidArgument, "%.*q is not a plugin's name: libmath.so is the plugin math; "+
			"names are of letters, digits, '_', '.' and '-', with a letter or '_' first", maxNameLength, name)
	}
	s, err := l.catalog.find(name)
	if err != nil {
		return LoadResult{}, err
	}
	answers := make(chan answer, 1)
	if !s.mailbox.post(func() { s.operate(do, answers) }) {
		return LoadResult{}, task.Errorf(task.NotFound, "plugin %s: its file is gone", name)
	}
	select {
	case a := <-answers:
		if a.err != nil {
			return LoadResult{}, task.Errorf(task.FailedPrecondition, "%w", a.err)
		}
		return a.result, nil
	case <-ctx.Done():
		return LoadResult{}, ctx.Err()
	}
}
