package stats

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// Kind says what an [Event] is about.
type Kind uint8

// The kinds of event.
const (
	Unknown Kind = iota
	TaskEnded
	PluginLoaded
	PluginReloaded
	PluginUnloaded
	PluginCrashed
	PluginRestarted
	PluginQuarantined
	PluginLoadFailed
	Draining
	Resumed
	LogLevelChanged
	TaskProgress
	TaskLogged // only for those who ask for it
	DeadLettered
	DeadLettersRetried
	DeadLettersDropped
	DeadLettersUndropped
	Audited // only for those who ask for it
	kinds   // how many there are
)

// An Event is something that happened.
type Event struct {
	Time time.Time
	Kind Kind
	// Plugin is the name of the plugin that it is about, if any.
	Plugin string
	// Message says what happened, for people.
	Message string
	// Execution is the one that it is about, if any.
	Execution scheduler.Execution
	// Fraction is how far that is, for TaskProgress; Message is its note then.
	Fraction float64
	// Missed is how many events the watcher did not get before this one,
	// because it had not taken those before.
	Missed uint64
}

// maxWatchers bounds the watchers: each costs every event a little.
const maxWatchers = 64

// ErrTooManyWatchers is what [Feed.Watch] returns when there are as many as
// there may be.
var ErrTooManyWatchers = errors.New("too many watch already")

// A Feed passes events on to those who watch. The zero Feed is ready to use.
type Feed struct {
	// watchers is replaced as a whole, so that Publish takes no lock for it.
	watchers atomic.Pointer[[]*Watcher]
	change   sync.Mutex // held while it is replaced
}

// A Watcher gets events, until it is stopped.
type Watcher struct {
	feed   *Feed
	kinds  [kinds]bool
	events chan Event

	mu     sync.Mutex
	held   int // bytes of the events that were not taken yet
	missed uint64
}

// maxHeld bounds what the events that a watcher has not taken yet hold, in bytes.
const maxHeld = 1 << 20

// Watch returns a watcher of the events of these kinds, or of all but TaskLogged and
// Audited if none is given, from now on. It holds up to buffer events that were not taken yet; what
// comes when it is full is missed. [Watcher.Stop] must be called.
func (f *Feed) Watch(buffer int, only ...Kind) (*Watcher, error) {
	w := &Watcher{feed: f, events: make(chan Event, buffer)}
	for kind := range w.kinds {
		byItself := Kind(kind) != TaskLogged && Kind(kind) != Audited
		w.kinds[kind] = len(only) == 0 && byItself || slices.Contains(only, Kind(kind))
	}
	f.change.Lock()
	defer f.change.Unlock()
	watchers := f.current()
	if len(watchers) >= maxWatchers {
		return nil, ErrTooManyWatchers
	}
	watchers = append(slices.Clone(watchers), w)
	f.watchers.Store(&watchers)
	return w, nil
}

// Stop ends the watching.
func (w *Watcher) Stop() {
	w.feed.change.Lock()
	defer w.feed.change.Unlock()
	rest := slices.DeleteFunc(slices.Clone(w.feed.current()), func(other *Watcher) bool { return other == w })
	w.feed.watchers.Store(&rest)
}

// Events returns the channel that the events come from, each of which is then to
// be given to Taken. It is never closed.
func (w *Watcher) Events() <-chan Event { return w.events }

// Taken makes room for more events.
func (w *Watcher) Taken(event *Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held -= event.size()
}

// size is about how many bytes an event holds.
func (e *Event) size() int {
	const itself = 512
	return itself + len(e.Message) + e.Execution.Size()
}

// Publish passes an event on. It never waits for a watcher.
func (f *Feed) Publish(event Event) {
	for _, w := range f.current() {
		if w.kinds[event.Kind] {
			w.offer(event)
		}
	}
}

func (w *Watcher) offer(event Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := event.size()
	if w.held > 0 && w.held+size > maxHeld {
		w.missed++
		return
	}
	event.Missed = w.missed
	select {
	case w.events <- event:
		w.missed = 0
		w.held += size
	default:
		w.missed++
	}
}

func (f *Feed) current() []*Watcher {
	if watchers := f.watchers.Load(); watchers != nil {
		return *watchers
	}
	return nil
}

// maxSaid is how many bytes of what a task says are in an event.
const maxSaid = 512

// Said publishes what a task says while it runs, if anybody wants to know. It is
// the scheduler's Said.
func (f *Feed) Said(said journal.Event, describe func() scheduler.Execution) {
	kind := TaskLogged
	if said.Kind == journal.Progress {
		kind = TaskProgress
	}
	if !slices.ContainsFunc(f.current(), func(w *Watcher) bool { return w.kinds[kind] }) {
		return
	}
	f.Publish(Event{
		Time: said.Time, Kind: kind, Message: shorten(said.Text, maxSaid), Fraction: said.Fraction, Execution: describe(),
	})
}

func (f *Feed) watched() bool { return len(f.current()) > 0 }
