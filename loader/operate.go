package loader

import (
	"context"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/task"
)

// A command is what an operator wants of a plugin.
type command struct {
	kind commandKind
	done chan error // has room for one
}

type commandKind int

const (
	load commandKind = iota
	unload
	reload
)

// Load loads the plugin of that name if it is not loaded: one that was unloaded,
// that is in quarantine or that failed. It returns when its tasks can be called,
// or why they can't. A file that is being written is waited for. When ctx ends,
// the loading goes on.
//
// Errors of these three methods are of type [task.Error]: NOT_FOUND when there
// is no file for the name, INVALID_ARGUMENT when it is no name,
// FAILED_PRECONDITION when the plugin could not be loaded.
func (l *Loader) Load(ctx context.Context, name string) error { return l.operate(ctx, name, load) }

// Unload takes the tasks of the plugin of that name away. It stays unloaded
// until [Loader.Load] or [Loader.Reload], or until its file changes. Calls in
// flight are not waited for; they have Config.DrainTimeout to end.
func (l *Loader) Unload(ctx context.Context, name string) error { return l.operate(ctx, name, unload) }

// Reload loads the file of the plugin of that name anew, also when it is the
// same as before, and returns when the new process serves. Calls in flight end
// in the old one. If it fails the old one stays, and the error says why.
func (l *Loader) Reload(ctx context.Context, name string) error { return l.operate(ctx, name, reload) }

func (l *Loader) operate(ctx context.Context, name string, kind commandKind) error {
	if err := checkName(name); err != nil {
		return task.Errorf(task.InvalidArgument, "this can't be a plugin: %w", err)
	}
	c := command{kind: kind, done: make(chan error, 1)}
	if err := l.send(name, c); err != nil {
		return err
	}
	select {
	case err := <-c.done:
		if err != nil {
			return task.Errorf(task.FailedPrecondition, "%w", err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send hands a command to the keeper of the plugin of that name.
func (l *Loader) send(name string, c command) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != running {
		return task.Errorf(task.Unavailable, "plugins are not being loaded: the server is starting or shutting down")
	}
	if p := l.find(name); p != nil {
		p.post(func(in *inbox) { in.commands = append(in.commands, c) })
		return nil
	}
	for file, reason := range l.refused {
		if refused, _ := pluginName(file); refused == name {
			return task.Errorf(task.FailedPrecondition, "%s", reason)
		}
	}
	return task.Errorf(task.NotFound, "no file in %s is the plugin %q; a new one is loaded by itself once it is whole",
		filepath.Base(l.config.Dir), name)
}

// obey does what an operator wants, or has it done.
func (k *keeper) obey(c command) {
	switch {
	case c.kind == unload:
		k.unloadFor(c)
	case c.kind == load && k.serving != nil:
		c.done <- nil
	default:
		k.forced = append(k.forced, c.done)
		k.crashes = crashes{}
		if a := k.attempt; a != nil && a.kind == restart {
			a.callOff()
		}
	}
}

func (k *keeper) unloadFor(c command) {
	if a := k.attempt; a != nil {
		a.void = true
		a.callOff()
	}
	k.unload("an operator unloaded it")
	k.idle, k.handled = true, k.seen
	c.done <- nil
}
