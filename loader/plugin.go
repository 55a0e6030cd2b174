package loader

import (
	"sync"
	"sync/atomic"
	"time"
)

// Plugin is what a [Loader] tells about a file.
type Plugin struct {
	// Name is the plugin's name; its tasks are "name::task".
	Name string
	// File is the file's name, without the directory.
	File string
	// SHA256 is that of the code that is loaded, in hexadecimal; empty when none is.
	SHA256 string
	State  State
	// Tasks are the full names of its tasks, in the file's order.
	Tasks []string
	// PID is its process; 0 when there is none.
	PID int
	// MemoryBytes is what the process has resident, 0 where that is unknown.
	MemoryBytes int64
	// Restarts counts the processes that took over from one that died or was stuck.
	Restarts int
	// LastError is why something failed last; empty again once a file was loaded.
	LastError string
	// LoadedAt is when its code was loaded; restarts don't count.
	LoadedAt time.Time
	// Notes are the protections that could not be applied to its process, one sentence each.
	Notes []string
}

// State is where a plugin stands.
type State string

// The states.
const (
	// StateLoading: its file is being loaded for the first time.
	StateLoading State = "loading"
	// StateServing: its tasks can be called.
	StateServing State = "serving"
	// StateRestarting: its process has died and is being started again. Calls
	// wait a little.
	StateRestarting State = "restarting"
	// StateQuarantined: its process died over and over, and is left alone until
	// its file changes or an operator asks for it. Calls fail.
	StateQuarantined State = "quarantined"
	// StateUnloaded: an operator unloaded it. It has no tasks.
	StateUnloaded State = "unloaded"
	// StateFailed: its file could not be loaded. It has no tasks.
	StateFailed State = "failed"
)

// A plugin is a file, whatever generations of it come and go. Calls use
// current; its keeper changes it.
type plugin struct {
	loader     *Loader
	name, file string

	current atomic.Pointer[generation] // what serves; nil when nothing does
	wake    chan struct{}              // has room for one: the inbox is not empty

	mu        sync.Mutex
	inbox     inbox
	info      Plugin        // without what current knows
	changed   chan struct{} // closed, and made anew, when current or the state changes
	attempted bool          // the first load has ended
}

// An inbox is what was left for a plugin's keeper since it looked last.
type inbox struct {
	seen     footprint // how the file came to rest last; it stays
	commands []command
	died     []*generation
	stuck    []*generation
	stop     bool // the loader shuts down
}

func newPlugin(l *Loader, name, file string) *plugin {
	return &plugin{
		loader:  l,
		name:    name,
		file:    file,
		wake:    make(chan struct{}, 1),
		info:    Plugin{Name: name, File: file, State: StateLoading},
		changed: make(chan struct{}),
	}
}

// post leaves word for the keeper. Whoever found p in the loader's map holds the
// loader's lock: the keeper leaves only with it, and with nothing in its inbox.
func (p *plugin) post(write func(*inbox)) {
	p.mu.Lock()
	write(&p.inbox)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// update changes what others see of p, and wakes the calls that wait for it.
func (p *plugin) update(change func(*Plugin)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.info)
	close(p.changed)
	p.changed = make(chan struct{})
}

// look returns where p stands, and a channel that is closed when that, or what
// serves, changes.
func (p *plugin) look() (state State, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.info.State, p.changed
}

func (p *plugin) snapshot() Plugin {
	p.mu.Lock()
	info := p.info
	p.mu.Unlock()
	if g := p.current.Load(); g != nil {
		info.PID, info.MemoryBytes, info.Notes = g.process.PID(), g.process.Memory(), g.process.Notes()
	}
	return info
}

// limits are what the plugin's processes may use.
func (p *plugin) limits() Limits {
	if limits, ok := p.loader.config.PluginLimits[p.name]; ok {
		return limits
	}
	return p.loader.config.Limits
}
