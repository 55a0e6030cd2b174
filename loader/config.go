package loader

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/task"
)

// Config says where plugins are found, where their tasks go and what bounds
// them. Dir and Tasks are needed; a field left at zero has its default, which its
// tag says.
type Config struct {
	// Dir is the directory to watch. It need not exist, and may come and go.
	Dir string
	// Tasks gets the plugins' tasks; a task's Source is its plugin's file name.
	Tasks *task.Registry
	// Logger gets what operators want to know. Default: slog.Default().
	Logger *slog.Logger

	// Limits bound what one plugin's process may use.
	Limits Limits
	// PluginLimits are the limits of the plugins named; Limits are not looked at for them.
	PluginLimits map[string]Limits
	// MaxMessageBytes is how large a message the server takes.
	MaxMessageBytes int `default:"4MiB" type:"size"`

	// LoadTimeout is how long a process may take to load its file, and the
	// longest that [Loader.Ready] waits.
	LoadTimeout time.Duration `default:"10s" type:"period"`
	// CancelGrace is how long a call may go on that was cancelled or is out of
	// time; then its process is replaced.
	CancelGrace time.Duration `default:"2s" type:"period"`
	// DrainTimeout is how long the calls of a process that was replaced or unloaded
	// may take to end; then they are killed with it.
	DrainTimeout time.Duration `default:"5m" type:"period"`

	// DirCheck refuses a directory, or a file in it, that others than its owner
	// and root may write to, or whose owner is another user than this one or root.
	DirCheck bool
	// RequireConfinement refuses plugins whose process lacks any of the protections
	// that there are, as on an old kernel. Otherwise they are only warned of.
	RequireConfinement bool
	// TempDir is where private copies and processes' working folders go; it must
	// allow files to be executed. Default: os.TempDir().
	TempDir string

	// Notify is told of every event, in order for each plugin. It must not block
	// and must not call the Loader. May be nil.
	Notify func(Event)
}

// withDefaults fills in what was left at zero, and makes paths absolute.
func (c Config) withDefaults() (Config, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	setting.Fill(&c)
	var errs [2]error
	c.Dir, errs[0] = filepath.Abs(c.Dir)
	c.TempDir, errs[1] = filepath.Abs(cmp.Or(c.TempDir, os.TempDir()))
	if err := errors.Join(errs[:]...); err != nil {
		return c, fmt.Errorf("loader: Config.Dir or Config.TempDir: %w", err)
	}
	return c, nil
}

// limits are what the processes of the plugin of that name may use.
func (c *Config) limits(plugin string) Limits {
	if limits, ok := c.PluginLimits[plugin]; ok {
		return limits
	}
	return c.Limits
}
