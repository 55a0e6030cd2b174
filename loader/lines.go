package loader

import (
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// What is kept of what the processes of one plugin print and log, and of how many
	// plugins.
	maxLines, maxLineBytes = 500, 128 << 10
	maxTalkers             = 256
)

// A Line is something that a plugin's process has printed or logged.
type Line struct {
	Time  time.Time
	Level slog.Level
	Text  string
}

// lineLog has the newest lines of each plugin.
type lineLog struct {
	mu      sync.Mutex
	plugins map[string]*talker
}

type talker struct {
	lines []Line
	bytes int
	left  uint64 // that are not kept any more
	last  time.Time
}

// add adds a line of a plugin.
func (l *lineLog) add(plugin string, level slog.Level, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.plugins[plugin]
	if t == nil {
		if l.plugins == nil {
			l.plugins = make(map[string]*talker)
		}
		if len(l.plugins) >= maxTalkers {
			l.dropQuietestLocked()
		}
		t = new(talker)
		l.plugins[plugin] = t
	}
	t.last = time.Now()
	t.lines, t.bytes = append(t.lines, Line{t.last, level, text}), t.bytes+len(text)
	drop := 0
	for len(t.lines)-drop > maxLines || t.bytes > maxLineBytes {
		t.bytes -= len(t.lines[drop].Text)
		drop++
	}
	t.lines, t.left = slices.Delete(t.lines, 0, drop), t.left+uint64(drop)
}

// dropQuietestLocked drops the lines of the plugin that has said nothing for longest.
func (l *lineLog) dropQuietestLocked() {
	quietest, since := "", time.Time{}
	for plugin, t := range l.plugins {
		if quietest == "" || t.last.Before(since) {
			quietest, since = plugin, t.last
		}
	}
	delete(l.plugins, quietest)
}

// Lines returns the newest lines that the processes of a plugin have printed and
// logged, oldest first, and how many older ones there were.
func (l *Loader) Lines(plugin string) (lines []Line, left uint64) {
	l.lines.mu.Lock()
	defer l.lines.mu.Unlock()
	if t := l.lines.plugins[plugin]; t != nil {
		return slices.Clone(t.lines), t.left
	}
	return nil, 0
}
