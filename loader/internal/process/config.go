package process

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// Config says which file a child process loads, and how. Only Name and Path
// are needed; a field left at zero has its default.
type Config struct {
	// Name is the plugin's name, for errors and the log: "math".
	Name string
	// Path is the file, absolute. It must not change while the process lives.
	Path string
	// Limits bound what the process may use.
	Limits sandbox.Limits
	// RequireConfinement refuses to load the file in a process that lacks one of
	// the protections that there are.
	RequireConfinement bool
	// MaxMessageBytes is how large a message the server takes from its clients;
	// no result need be larger. Default: 4 MiB.
	MaxMessageBytes int
	// MaxFrameBytes is how large a call or an answer may be between the two
	// processes, and half of what one answer may take of memory here.
	// Default: MaxMessageBytes and 8 MiB.
	MaxFrameBytes int
	// LoadTimeout is how long the process may take to load its file. Default: 10 s.
	LoadTimeout time.Duration
	// CancelGrace is how long a call may go on after its context has ended.
	// Default: 2 s.
	CancelGrace time.Duration
	// CloseGrace is how long the library may take to shut down. Default: 5 s.
	CloseGrace time.Duration
	// Logger gets what the library logs and prints. Default: slog.Default().
	Logger *slog.Logger
	// Said is told what the library logs and prints, as far as the log is. It must not
	// block. Nil: nobody wants to know.
	Said func(level slog.Level, text string)
	// Stuck is called, at most once, when a call has not ended CancelGrace after
	// its context: the process should be replaced and, when its other calls are
	// done, killed. It must not block.
	Stuck func()
	// TempDir is where the process gets its working folder. Default: os.TempDir().
	TempDir string
}

const defaultMessageBytes = 4 << 20

func (c Config) withDefaults() Config {
	c.Limits = c.Limits.WithDefaults()
	c.MaxMessageBytes = cmp.Or(c.MaxMessageBytes, defaultMessageBytes)
	c.MaxFrameBytes = cmp.Or(c.MaxFrameBytes, c.MaxMessageBytes+8<<20)
	c.LoadTimeout = cmp.Or(c.LoadTimeout, 10*time.Second)
	c.CancelGrace = cmp.Or(c.CancelGrace, 2*time.Second)
	c.CloseGrace = cmp.Or(c.CloseGrace, 5*time.Second)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Logger = c.Logger.With("plugin", c.Name)
	return c
}
