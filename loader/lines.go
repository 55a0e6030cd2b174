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
}

// add adds a line of a plugin.
func (l *lineLog) add(plugin string, level slog.Level, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.plugins[plugin]
	if t == nil {
		if len(l.plugins) >= maxTalkers {
			return
		}
		if l.plugins == nil {
			l.plugins = make(map[string]*talker)
		}
		t = new(talker)
		l.plugins[plugin] = t
	}
	t.lines, t.bytes = append(t.lines, Line{time.Now(), level, text}), t.bytes+len(text)
	drop := 0
	for len(t.lines)-drop > maxLines || t.bytes > maxLineBytes {
		t.bytes -= len(t.lines[drop].Text)
		drop++
	}
	t.lines, t.left = slices.Delete(t.lines, 0, drop), t.left+uint64(drop)
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
