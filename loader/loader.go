package loader

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
	"github.com/taskscheduler/taskscheduler/loader/internal/watch"
)

// A Loader keeps a registry's tasks and a directory's plugins in step. Its
// methods may be called from many goroutines at a time.
type Loader struct {
	config  Config
	stage   *stage.Stage
	drain   drain
	catalog *catalog
	ready   chan struct{}
	lines   lineLog
	// installing is held while a file takes the place of another.
	installing sync.Mutex

	restartPatience time.Duration

	mu  sync.Mutex
	ran bool // Run was called
}

// New returns a loader; nothing is loaded, and nothing has to be released,
// before [Loader.Run]. The program must have called [BecomePlugin].
func New(config Config) (*Loader, error) {
	if config.Dir == "" || config.Tasks == nil {
		return nil, errors.New("loader: Config needs Dir and Tasks")
	}
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	l := &Loader{config: config, stage: stage.New(config.TempDir), ready: make(chan struct{}), restartPatience: restartPatience}
	l.drain = drain{config: &l.config, closing: make(chan struct{})}
	report := &reporter{log: config.Logger, notify: config.Notify, noted: make(map[string]bool)}
	launcher := &processLauncher{config: &l.config, stage: l.stage, said: l.lines.add}
	l.catalog = newCatalog(report, func(name, file string) *supervisor {
		s := newSupervisor(name, file, &l.config, launcher, &l.drain, report)
		s.patience = l.restartPatience
		return s
	})
	return l, nil
}

// Run loads, reloads and unloads until ctx ends; then it unloads everything and
// returns when no process is left. Calls that are in flight at that time get
// CancelGrace to end. It can be called once.
func (l *Loader) Run(ctx context.Context) error {
	l.mu.Lock()
	again := l.ran
	l.ran = true
	l.mu.Unlock()
	if again {
		return errors.New("loader: Run was called before")
	}
	if l.config.DirCheck && file.WritersUnknown != "" {
		l.config.Logger.Warn(file.WritersUnknown)
	}
	l.stage.Sweep()
	l.catalog.open()
	var waiting sync.WaitGroup
	waiting.Go(func() { l.awaitReady(ctx) })
	watch.Run(ctx, watch.Config{
		Dir: l.config.Dir, Match: isPluginFile, CheckWriters: l.config.DirCheck,
		Receiver: l.catalog, Logger: l.config.Logger,
	})
	l.catalog.close()
	waiting.Wait()
	l.drain.close(l.config.CancelGrace)
	l.stage.Remove()
	return nil
}

// awaitReady closes Ready when it is time.
func (l *Loader) awaitReady(ctx context.Context) {
	limit := time.NewTimer(l.config.LoadTimeout)
	defer limit.Stop()
	select {
	case <-l.catalog.initial:
		l.config.Logger.Debug("the plugins that were there at the start have been loaded, or have failed to")
	case <-limit.C:
		l.config.Logger.Warn("not all plugins that were there at the start have been loaded in time",
			"timeout", l.config.LoadTimeout)
	case <-ctx.Done():
		return
	}
	close(l.ready)
}

// Ready is closed when the plugins that were there when Run began have been
// loaded, or have failed to, or Config.LoadTimeout is over.
func (l *Loader) Ready() <-chan struct{} { return l.ready }

// Plugins lists the plugins and the files that were refused, sorted by name.
func (l *Loader) Plugins() []Plugin { return l.catalog.list() }
