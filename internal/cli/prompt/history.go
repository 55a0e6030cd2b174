package prompt

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

const (
	// keptLines is how many lines a history has.
	keptLines = 1000
	// maxHistoryFile is the size in bytes from which a file is shortened.
	maxHistoryFile = 256 << 10
)

// A history is the lines that were typed, with the newest last. It is kept in a
// file where that works, else for this session.
type history struct {
	lines []string
	file  *os.File // nil: none
}

// openHistory reads the user's history of that name.
func openHistory(name string) *history {
	dir, err := os.UserConfigDir()
	if err != nil {
		return new(history)
	}
	return openHistoryFile(filepath.Join(dir, "task-scheduler", name))
}

func openHistoryFile(name string) *history {
	h := new(history)
	text, _ := os.ReadFile(name) // a file that can't be read is none
	for line := range strings.Lines(string(text)) {
		h.remember(table.Line(line))
	}
	flags := os.O_WRONLY | os.O_APPEND | os.O_CREATE
	if len(text) > maxHistoryFile {
		flags |= os.O_TRUNC
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return h
	}
	file, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		return h
	}
	h.file = file
	_ = file.Chmod(0o600) // what others made readable; not every file system knows
	if len(text) > maxHistoryFile {
		fmt.Fprintln(file, strings.Join(h.lines, "\n"))
	}
	return h
}

// remember keeps a line that is not the last one again, and returns it as kept.
func (h *history) remember(line string) (kept string, isNew bool) {
	line = strings.TrimSpace(line)
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return "", false
	}
	h.lines = append(h.lines, line)
	if extra := len(h.lines) - keptLines; extra > 0 {
		h.lines = slices.Delete(h.lines, 0, extra)
	}
	return line, true
}

// Add implements [term.History].
func (h *history) Add(line string) {
	if kept, isNew := h.remember(line); isNew && h.file != nil {
		fmt.Fprintln(h.file, kept) // a line that can't be kept is not worth a word
	}
}

// Len implements [term.History].
func (h *history) Len() int { return len(h.lines) }

// At implements [term.History]: 0 is the newest line.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
