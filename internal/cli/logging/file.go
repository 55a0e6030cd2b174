package logging

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	dirMode  = 0o750
	fileMode = 0o600

	// fileTime names a log file by when it was begun, in UTC. File names can't have
	// a colon everywhere.
	fileTime = "2006-01-02T15-04-05.000Z"
	ending   = ".jsonl"
)

// A file is where lines go: one log file after the other in a directory, each
// begun when the one before is large, or old. It can be opened again, and knows
// what it lost.
type file struct {
	dir    string
	limits Limits
	// tell is told when lines begin to be lost, and when they are written again.
	tell func(lost uint64, err error)

	mu      sync.Mutex
	name    string
	open    *os.File
	begun   time.Time
	size    int64
	lost    uint64
	failing bool
	torn    bool // the last line is there in part
}

// newFile begins a file in dir, and deletes what is too much there.
func newFile(dir string, limits Limits) (*file, error) {
	f := &file{dir: dir, limits: limits, tell: func(uint64, error) {}}
	if err := f.begin(time.Now()); err != nil {
		return nil, err
	}
	return f, nil
}

// begin goes on in a new file.
func (f *file) begin(now time.Time) error {
	opened, err := create(f.dir, now)
	if err != nil {
		return err
	}
	f.use(opened, 0)
	f.begun = now
	sweep(f.dir, f.name, now, f.limits)
	return nil
}

// create creates a file in dir that nobody else has.
func create(dir string, now time.Time) (*os.File, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, err
	}
	base := now.UTC().Format(fileTime)
	name := filepath.Join(dir, base+ending)
	for attempt := 2; ; attempt++ {
		opened, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, fileMode)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return opened, err
		}
		name = filepath.Join(dir, fmt.Sprintf("%s-%d%s", base, attempt, ending))
	}
}

// use has lines go to another file, and closes the former one.
func (f *file) use(opened *os.File, size int64) {
	markInUse(opened)
	if f.open != nil {
		_ = f.open.Close() // each line was written at once
	}
	f.name, f.open, f.size, f.torn = opened.Name(), opened, size, false
}

// Write writes one line at once. What can't be written is lost and counted: a
// full disk must not stop a server.
func (f *file) Write(line []byte) (int, error) {
	f.mu.Lock()
	err := f.write(escapeUnprintable(line))
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

func (f *file) write(line []byte) error {
	if f.size > 0 && f.size+int64(len(line)) > f.limits.fileBytes() {
		if err := f.begin(time.Now()); err != nil {
			return err
		}
	}
	if f.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := f.open.Write(line)
	f.size += int64(n)
	f.torn = f.torn && n == 0 || n > 0 && n < len(line)
	return err
}

// reopen opens a file of the same name, for who has moved the old one away. The
// old one stays in use if that fails.
func (f *file) reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.MkdirAll(f.dir, dirMode); err != nil {
		return err
	}
	opened, err := os.OpenFile(f.name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	var size int64
	if info, err := opened.Stat(); err == nil {
		size = info.Size()
	}
	f.use(opened, size)
	return nil
}

// age begins a new file if this one is old, and deletes what is too old.
func (f *file) age() {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if f.size > 0 && now.Sub(f.begun) >= f.limits.filePeriod() && f.begin(now) == nil {
		return
	}
	sweep(f.dir, f.name, now, f.limits)
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
