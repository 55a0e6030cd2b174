package loader

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
)

// An attempt is one try at having a new generation. It runs beside the keeper,
// which goes on serving with what it has.
type attempt struct {
	plugin *plugin
	kind   attemptKind
	seen   footprint // the state of the file that it is about
	known  []string  // hashes of contents that need not be loaded again
	cancel context.CancelFunc

	// The keeper's.
	calledOff bool // nothing is to come of it
	void      bool // and its contents count as tried

	// What comes of it.
	copied     *staged     // held
	generation *generation // ready to serve; nil when err is not, or the contents are known
	err        error
}

type attemptKind int

const (
	readFile attemptKind = iota // load what the file holds now
	restart                     // start the contents that are loaded already
)

func (a *attempt) run(ctx context.Context) {
	l := a.plugin.loader
	if a.kind == readFile {
		path := filepath.Join(l.config.Dir, a.plugin.file)
		a.copied, a.err = l.stage.copy(ctx, path, a.seen, l.config.DirCheck)
		if a.err != nil || slices.Contains(a.known, a.copied.hash) {
			return
		}
	}
	a.generation, a.err = a.plugin.start(ctx, a.copied)
}

// callOff ends the attempt soon.
func (a *attempt) callOff() {
	a.calledOff = true
	a.cancel()
}

// release gives back what the attempt still has.
func (a *attempt) release() {
	if a.generation != nil {
		a.plugin.loader.retire(a.generation)
	}
	a.copied.drop()
}

// start starts a process that has loaded a copy. The process answered once, and
// its table is in order; it is not in service yet.
func (p *plugin) start(ctx context.Context, copied *staged) (*generation, error) {
	config := &p.loader.config
	g := &generation{drained: make(chan struct{})}
	process, err := process.Start(ctx, process.Config{
		Name:            p.name,
		Path:            copied.path,
		Limits:          p.limits(),
		MaxMessageBytes: config.MaxMessageBytes,
		LoadTimeout:     config.LoadTimeout,
		CancelGrace:     config.CancelGrace,
		Logger:          config.Logger,
		Stuck: func() {
			g.stuck.Store(true)
			p.post(func(in *inbox) { in.stuck = append(in.stuck, g) })
		},
		Progress: config.Progress,
		TempDir:  config.TempDir,
	})
	if err != nil {
		return nil, err
	}
	g.process, g.copied = process, copied.hold()
	g.users.Store(1)
	g.index = make(map[string]int)
	for i, info := range process.Tasks() {
		g.index[p.taskName(info)] = i
	}
	return g, nil
}
