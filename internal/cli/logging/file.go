package logging

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unicode"
)

const (
	dirMode  = 0o750
	fileMode = 0o600

	// fileTime names a start's log file, in UTC. File names can't have a colon
	// everywhere.
	fileTime = "2006-01-02T15-04-05.000Z"
)

// A file is a log file that can be opened again, and knows what it lost.
type file struct {
	// tell is told when lines begin to be lost, and when they are written again.
	tell func(lost uint64, err error)

	mu      sync.Mutex
	name    string
	open    *os.File
	lost    uint64
	failing bool
}

// create creates a file in dir that is this start's alone.
func create(dir string, now time.Time) (*file, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, err
	}
	base := now.UTC().Format(fileTime)
	name := filepath.Join(dir, base+".jsonl")
	for attempt := 2; ; attempt++ {
		opened, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, fileMode)
		if err == nil {
			return &file{name: name, open: opened, tell: func(uint64, error) {}}, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		name = filepath.Join(dir, fmt.Sprintf("%s-%d.jsonl", base, attempt))
	}
}

// Write writes one line at once. What can't be written is lost and counted: a
// full disk must not stop a server.
func (f *file) Write(line []byte) (int, error) {
	f.mu.Lock()
	_, err := f.open.Write(escapeDirections(line))
	began, ended := err != nil && !f.failing, err == nil && f.failing
	f.failing = err != nil
	if err != nil {
		f.lost++
	}
	lost := f.lost
	f.mu.Unlock()
	if began || ended {
		f.tell(lost, err)
	}
	return len(line), nil
}

// reopen opens a file of the same name, for who has moved the old one away. The
// old one stays in use if that fails.
func (f *file) reopen() error {
	if err := os.MkdirAll(filepath.Dir(f.name), dirMode); err != nil {
		return err
	}
	opened, err := os.OpenFile(f.name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.open
	f.open = opened
	return old.Close()
}

// lostLines returns how many lines could not be written.
func (f *file) lostLines() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open.Close()
}

// escapeDirections writes the characters that change the direction of text as
// JSON escapes: with them a line shows another order on a terminal than it has.
// They can only stand in JSON's strings.
func escapeDirections(line []byte) []byte {
	if !bytes.ContainsFunc(line, turns) {
		return line
	}
	escaped := make([]byte, 0, len(line)+16)
	for _, r := range string(line) {
		if turns(r) {
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		} else {
			escaped = append(escaped, string(r)...)
		}
	}
	return escaped
}

func turns(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }
