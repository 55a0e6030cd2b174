package loader

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// An Event is something that happened to a plugin.
type Event struct {
	Time time.Time
	Kind EventKind
	// Plugin is the plugin's name; it is empty when the event is about the directory.
	Plugin string
	// Message says what happened, for people.
	Message string
}

// EventKind says what an [Event] is about.
type EventKind string

// The kinds of event.
const (
	// EventLoaded: the plugin's tasks can be called; they could not before.
	EventLoaded EventKind = "loaded"
	// EventReloaded: other code answers the plugin's calls from now on.
	EventReloaded EventKind = "reloaded"
	// EventUnloaded: the plugin's tasks are gone.
	EventUnloaded EventKind = "unloaded"
	// EventCrashed: the plugin's process died, and with it the calls that it had.
	EventCrashed EventKind = "crashed"
	// EventRestarted: a new process of the same code has taken over.
	EventRestarted EventKind = "restarted"
	// EventQuarantined: the process died too often and is left alone for a while.
	EventQuarantined EventKind = "quarantined"
	// EventLoadFailed: a file could not be loaded. What was there before goes on.
	EventLoadFailed EventKind = "load_failed"
)

// records are what the log says about each kind.
var records = map[EventKind]struct {
	level slog.Level
	text  string
}{
	EventLoaded:      {slog.LevelInfo, "plugin loaded"},
	EventReloaded:    {slog.LevelInfo, "plugin reloaded"},
	EventUnloaded:    {slog.LevelInfo, "plugin unloaded"},
	EventCrashed:     {slog.LevelWarn, "plugin crashed"},
	EventRestarted:   {slog.LevelInfo, "plugin restarted"},
	EventQuarantined: {slog.LevelError, "plugin quarantined"},
	EventLoadFailed:  {slog.LevelError, "plugin could not be loaded"},
}

// A reporter tells what happens. It may be used from many goroutines at a time.
type reporter struct {
	log    *slog.Logger
	notify func(Event) // may be nil

	mu    sync.Mutex
	noted map[string]bool // what the log has about missing protections
}

// emit tells the log and Config.Notify of an event.
func (r *reporter) emit(kind EventKind, plugin, message string) {
	record := records[kind]
	r.log.Log(context.Background(), record.level, record.text, "plugin", plugin, "message", message)
	if r.notify != nil {
		r.notify(Event{Time: time.Now(), Kind: kind, Plugin: plugin, Message: message})
	}
}

// protections says in the log what the plugins' processes go without, each once.
func (r *reporter) protections(plugin string, missing []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, note := range missing {
		if !r.noted[note] {
			r.noted[note] = true
			r.log.Warn("plugins lack a protection", "missing", note, "first_plugin", plugin)
		}
	}
}
