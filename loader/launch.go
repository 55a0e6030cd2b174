package loader

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/loader/internal/child"
	"github.com/taskscheduler/taskscheduler/loader/internal/file"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/open"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
)

// Limits bound what a plugin's process may use. A field left at zero has its
// default; where a number can be unlimited, a negative one makes it so. What
// the platform can't enforce is in [Plugin.Notes].
type Limits = sandbox.Limits

// A TaskInfo is a task that a plugin offers.
type TaskInfo = library.TaskInfo

func init() { child.Prepare() } //nolint:gochecknoinits // what main prints must not reach the parent as frames

// BecomePlugin runs a plugin in a process that was started for one, and does
// not return there. Everywhere else it returns at once. A program that loads
// plugins calls it first thing in main: whatever comes before is done in each of
// their processes too.
func BecomePlugin() { child.Main(open.File) }

// A launcher is what a supervisor needs of the world outside. Its methods end
// early, with an error, when their context does.
type launcher interface {
	// copyFile copies the file of that name, which came to rest as want. The
	// caller holds the copy. The error is stage.ErrChanged when the file is
	// another by now.
	copyFile(ctx context.Context, name string, want file.Fingerprint) (*stage.Copy, error)
	// start starts a process of the plugin of that name that has loaded a copy,
	// which must not be dropped before the process has exited. stuck is called,
	// at most once, when a call in it does not end though it should.
	start(ctx context.Context, plugin string, staged *stage.Copy, stuck func()) (childProcess, error)
}

// A childProcess has loaded a plugin's file: one process, or several of which
// each has. See [group], which is one.
type childProcess interface {
	member

	// Processes are those that live.
	Processes() []Process
	// Broken is closed when one of its processes has ended, Exited when all have.
	Broken() <-chan struct{}
}

// A processLauncher launches real processes.
type processLauncher struct {
	config *Config // with defaults
	stage  *stage.Stage
	// said is told what a plugin's process prints and logs; nil: nobody wants to know.
	said func(plugin string, level slog.Level, text string)
}

func (l *processLauncher) copyFile(ctx context.Context, name string, want file.Fingerprint) (*stage.Copy, error) {
	return l.stage.Copy(ctx, filepath.Join(l.config.Dir, name), want, l.config.DirCheck)
}

func (l *processLauncher) start(ctx context.Context, plugin string, staged *stage.Copy, stuck func()) (childProcess, error) {
	folder, err := l.stage.Folder()
	if err != nil {
		return nil, err
	}
	limits := l.config.limits(plugin)
	config := process.Config{
		Name:               plugin,
		Path:               staged.Path,
		Limits:             limits,
		RequireConfinement: l.config.RequireConfinement,
		MaxMessageBytes:    l.config.MaxMessageBytes,
		LoadTimeout:        l.config.LoadTimeout,
		CancelGrace:        l.config.CancelGrace,
		Logger:             l.config.Logger,
		Stuck:              stuck,
		TempDir:            folder, // swept with the copies when a server was killed
	}
	if l.said != nil {
		config.Said = func(level slog.Level, text string) { l.said(plugin, level, text) }
	}
	g, err := startGroup(max(limits.Processes, 1), func() (member, error) { return process.Start(ctx, config) })
	switch {
	case err == nil:
		return g, nil
	case file.NoExec(folder) && !isModule(staged.Path):
		return nil, fmt.Errorf("%w; %s is mounted noexec, which keeps libraries from being loaded: "+
			"choose another Config.TempDir", err, l.config.TempDir)
	default:
		return nil, err
	}
}
