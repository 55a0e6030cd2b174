package loader

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// Config says where plugins are found, where their tasks go and what bounds
// them. Dir and Tasks are needed; a field left at zero has its default.
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
	// MaxMessageBytes is how large a message the server takes. Default: the host's, 4 MiB.
	MaxMessageBytes int

	// LoadTimeout is how long a process may take to load its file. Default: 10 s.
	LoadTimeout time.Duration
	// CancelGrace is how long a call may go on that was cancelled or is out of
	// time; then its process is replaced. Default: 2 s.
	CancelGrace time.Duration
	// DrainTimeout is how long the calls of a process that was replaced or unloaded
	// may take to end; then they are killed with it. Default: 5 m.
	DrainTimeout time.Duration

	// DirCheck refuses a directory, or a file in it, that others than its owner
	// and root may write to, or whose owner is another user than this one or root.
	DirCheck bool
	// TempDir is where private copies and processes' working folders go; it must
	// allow files to be executed. Default: os.TempDir().
	TempDir string

	// Notify is told of every event, in order for each plugin. It must not block
	// and must not call the Loader. May be nil.
	Notify func(Event)
	// Progress is told how far a call is. It must not block. May be nil.
	Progress func(taskID string, fraction float64, note string)
}

const (
	defaultLoadTimeout  = 10 * time.Second
	defaultCancelGrace  = 2 * time.Second
	defaultDrainTimeout = 5 * time.Minute
)

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.LoadTimeout = cmp.Or(c.LoadTimeout, defaultLoadTimeout)
	c.CancelGrace = cmp.Or(c.CancelGrace, defaultCancelGrace)
	c.DrainTimeout = cmp.Or(c.DrainTimeout, defaultDrainTimeout)
	c.TempDir = cmp.Or(c.TempDir, os.TempDir())
	return c
}

// A Loader keeps a registry's tasks and a directory's plugins in step. Its
// methods may be called from many goroutines at a time.
type Loader struct {
	config  Config
	stage   *stage
	watcher *watcher
	ready   chan struct{}

	keepers  sync.WaitGroup // a goroutine for each plugin
	retiring sync.WaitGroup // one for each process that is on its way out
	closing  chan struct{}  // closed when retiring processes are out of time

	mu      sync.Mutex
	state   runState
	plugins map[string]*plugin // by file name
	refused map[string]string  // file name to reason; these have no plugin
	noted   map[string]bool    // what the log has about missing protections
}

type runState int

const (
	idle runState = iota
	running
	stopped
)

// New returns a loader; nothing is loaded before [Loader.Run]. It makes a
// private folder, which Run deletes when it ends, and [Loader.Close] when Run
// was never called. The program must have called [BecomePlugin].
func New(config Config) (*Loader, error) {
	if config.Dir == "" || config.Tasks == nil {
		return nil, errors.New("loader: Config needs Dir and Tasks")
	}
	config = config.withDefaults()
	dir, err := filepath.Abs(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("library directory %q: %w", config.Dir, err)
	}
	config.Dir = dir
	l := &Loader{
		config:  config,
		ready:   make(chan struct{}),
		closing: make(chan struct{}),
		plugins: make(map[string]*plugin),
		refused: make(map[string]string),
		noted:   make(map[string]bool),
	}
	if l.stage, err = newStage(config.TempDir); err != nil {
		return nil, err
	}
	l.watcher = newWatcher(l)
	return l, nil
}

// Run loads, reloads and unloads until ctx ends; then it unloads everything and
// returns when no process is left. Calls that are in flight at that time get
// CancelGrace to end. It can be called once; the error says why it could not start.
func (l *Loader) Run(ctx context.Context) error {
	l.mu.Lock()
	if l.state != idle {
		l.mu.Unlock()
		return errors.New("loader: Run was called before, or Close")
	}
	l.state = running
	l.mu.Unlock()
	if l.config.DirCheck && permissionNote != "" {
		l.config.Logger.Warn(permissionNote)
	}
	l.watcher.run(ctx)
	l.shutDown()
	return nil
}

// Ready is closed when the files that were there when Run began have been
// loaded, or have failed to. A file that someone was writing then is not waited for.
func (l *Loader) Ready() <-chan struct{} { return l.ready }

// Close releases what New made, if Run was never called.
func (l *Loader) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == idle {
		l.state = stopped
		l.stage.remove()
	}
}

func (l *Loader) shutDown() {
	l.mu.Lock()
	l.state = stopped
	for _, p := range l.plugins {
		p.post(func(in *inbox) { in.stop = true })
	}
	clear(l.refused)
	l.mu.Unlock()
	l.keepers.Wait()
	timer := time.AfterFunc(l.config.CancelGrace, func() { close(l.closing) })
	l.retiring.Wait()
	timer.Stop()
	l.stage.remove()
}

// deliver tells the plugin of that file, which is made when there is none, the state in
// which the file came to rest.
func (l *Loader) deliver(file, name string, seen footprint) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.refused, file)
	p := l.plugins[file]
	switch {
	case p == nil && !seen.present():
		return
	case p == nil:
		p = newPlugin(l, name, file)
		l.plugins[file] = p
		l.keepers.Go(func() { newKeeper(p).run() })
	}
	p.post(func(in *inbox) { in.seen = seen })
}

// refuse notes why a file can't be a plugin, and reports it unless it was the reason before.
func (l *Loader) refuse(file, name, reason string) {
	if l.hold(file, reason) {
		l.emit(EventLoadFailed, name, reason)
	}
}

// hold notes why a file is not loaded, and tells whether that is new.
func (l *Loader) hold(file, reason string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused[file] == reason {
		return false
	}
	l.refused[file] = reason
	return true
}

// holder returns the file that is the plugin of that name, or "".
func (l *Loader) holder(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.find(name); p != nil {
		return p.file
	}
	return ""
}

// find returns the plugin of that name, or nil. l.mu is held.
func (l *Loader) find(name string) *plugin {
	for _, p := range l.plugins {
		if p.name == name {
			return p
		}
	}
	return nil
}

// attempted tells whether the file has been tried to load, or is gone.
func (l *Loader) attempted(file string) bool {
	l.mu.Lock()
	p := l.plugins[file]
	l.mu.Unlock()
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attempted
}

// Plugins lists the plugins and the files that were refused, sorted by name.
func (l *Loader) Plugins() []Plugin {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Plugin, 0, len(l.plugins)+len(l.refused))
	for _, p := range l.plugins {
		list = append(list, p.snapshot())
	}
	for file, reason := range l.refused {
		if l.plugins[file] == nil {
			name, _ := pluginName(file)
			list = append(list, Plugin{Name: name, File: file, State: StateFailed, LastError: reason})
		}
	}
	slices.SortFunc(list, func(a, b Plugin) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.File, b.File))
	})
	return list
}
