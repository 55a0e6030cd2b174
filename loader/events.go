package loader

import (
	"context"
	"log/slog"
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
	// EventQuarantined: the process died too often and is not started any more.
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

// emit tells the log and Config.Notify of an event.
func (l *Loader) emit(kind EventKind, plugin, message string) {
	record := records[kind]
	l.config.Logger.Log(context.Background(), record.level, record.text, "plugin", plugin, "message", message)
	if l.config.Notify != nil {
		l.config.Notify(Event{Time: time.Now(), Kind: kind, Plugin: plugin, Message: message})
	}
}
