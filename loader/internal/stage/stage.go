// Package stage keeps private copies of files, for child processes to load: a
// file in a library directory may be overwritten at any time, and what a process
// has mapped must not change under it.
package stage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// A Stage is a private folder of copies. Its methods may be called from many
// goroutines at a time.
type Stage struct {
	parent string

	mu     sync.Mutex
	folder string // "" until it is needed
	unlock func()
}

// New returns a stage in parent, an absolute path. The folder is made when it is
// needed first, so that a server without plugins needs no place to write to.
func New(parent string) *Stage { return &Stage{parent: parent} }

// pattern names stages for os.MkdirTemp, which makes them 0700, and filepath.Glob.
const pattern = "task-scheduler-plugins-*"

// Folder returns the stage's folder; it is made if there is none yet. What lies
// in it goes with it.
func (s *Stage) Folder() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folder != "" {
		return s.folder, nil
	}
	folder, err := os.MkdirTemp(s.parent, pattern)
	if err != nil {
		return "", fmt.Errorf("no private folder for plugins, choose another Config.TempDir: %w", err)
	}
	if s.unlock, err = lock(folder); err != nil {
		return "", fmt.Errorf("no private folder for plugins: %w", errors.Join(err, os.RemoveAll(folder)))
	}
	s.folder = folder
	return folder, nil
}

// Sweep deletes the stages in the same parent whose server is gone.
func (s *Stage) Sweep() { sweep(s.parent) }

// Remove deletes the stage with all that is in it. It may be used again.
func (s *Stage) Remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folder != "" {
		s.unlock()
		_ = file.RemoveTree(s.folder) // the next server's Sweep takes what is left
		s.folder = ""
	}
}

// A Copy is a private copy of a file. Each holder calls [Copy.Drop] once; with
// the last holder the copy is deleted.
type Copy struct {
	// Path is where it lies: a folder of its own, under the file's own name,
	// which is what messages show.
	Path string
	// SHA256 is that of its contents, in hexadecimal.
	SHA256 string

	holders atomic.Int32
}

// Hold adds a holder.
func (c *Copy) Hold() *Copy {
	c.holders.Add(1)
	return c
}

// Drop ends one holder's hold. A nil Copy is dropped already.
func (c *Copy) Drop() {
	if c != nil && c.holders.Add(-1) == 0 {
		_ = os.RemoveAll(filepath.Dir(c.Path)) // what is left goes with the whole stage
	}
}
