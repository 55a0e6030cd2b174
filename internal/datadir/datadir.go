// Package datadir knows what a data directory looks like, and whose it is.
//
//	format    says that it is one, and of which format
//	lock      is locked by the process that uses it
//	engine    has the files of what keeps the data, see internal/store
package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// format is what this version writes.
	format = 1
	// oldest is the oldest format that it reads.
	oldest = 1
)

// heading is the first line of the file that makes a directory a data directory.
const heading = "This is a data directory of Task Scheduler. Change nothing here by hand."

const (
	formatName = "format"
	newName    = formatName + newEnding
	newEnding  = ".new" // of a file until it is written
	lockName   = "lock"
	engineName = "engine"
)

// A Dir is a data directory that this process alone uses.
type Dir struct {
	path string
	lock *os.File
}

// Open takes a data directory for this process, and makes it if it isn't there.
// Its errors name the directory and say what to do.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("can't make the data directory: %w", err)
	}
	if err := Check(path); err != nil && !errors.Is(err, errEmpty) {
		return nil, err
	}
	if err := checkWritable(path); err != nil {
		return nil, err
	}
	d := &Dir{path: path}
	var err error
	if d.lock, err = lockFile(filepath.Join(path, lockName)); err != nil {
		return nil, d.inUse(err)
	}
	switch err := Check(path); { // once more: someone else may have been here
	case err == nil:
	case errors.Is(err, errEmpty):
		err = d.write()
		if err != nil {
			return nil, errors.Join(err, d.Close())
		}
	default:
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// OpenExisting is Open for a directory that has to be there.
func OpenExisting(path string) (*Dir, error) {
	switch err := Check(path); {
	case errors.Is(err, errEmpty) || errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s is no data directory: it is empty, or not there", path)
	case err != nil:
		return nil, err
	}
	return Open(path)
}

// Engine returns the path of the folder for what keeps the data.
func (d *Dir) Engine() string { return filepath.Join(d.path, engineName) }

// Close lets others use the directory.
func (d *Dir) Close() error { return d.lock.Close() }

// errEmpty says that a directory has nothing yet.
var errEmpty = errors.New("the directory is empty")

// Check says why a directory is none that this version can use, or returns nil.
func Check(path string) error {
	text, err := os.ReadFile(filepath.Join(path, formatName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return checkEmpty(path)
	case err != nil:
		return fmt.Errorf("can't read the data directory: %w", err)
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	number, isNumber := strings.CutPrefix(strings.TrimSpace(rest), "format ")
	found, err := strconv.Atoi(number)
	switch {
	case first != heading || !isNumber || err != nil:
		return fmt.Errorf("%s is damaged: its file %q is not what was written; restore a backup of the directory", path, formatName)
	case found > format:
		return fmt.Errorf("%s is of format %d, which a newer version has written; this version reads up to %d: use the newer one",
			path, found, format)
	case found < oldest:
		return fmt.Errorf("%s is of format %d, which is too old; this version reads from %d on: start a version between once",
			path, found, oldest)
	}
	return nil
}

// CheckNew is [Check] for a directory that may be empty yet, or not there.
func CheckNew(path string) error {
	err := Check(path)
	if err == nil || errors.Is(err, errEmpty) || errors.Is(err, fs.ErrNotExist) {
		return checkWritable(path)
	}
	return err
}

// checkWritable says why this user can't write to a directory, or make it.
func checkWritable(path string) error {
	err := writable(path)
	switch above := filepath.Dir(path); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist) && above != path:
		return checkWritable(above)
	default:
		return fmt.Errorf("this user can't write to %s (%w): give it that directory, or choose another", path, err)
	}
}

func checkEmpty(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("can't read the data directory: %w", err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != lockName && name != newName && name != "lost+found" {
			return fmt.Errorf("%s has files of something else, %q for one: choose a new or an empty directory", path, name)
		}
	}
	return errEmpty
}

// write makes an empty directory a data directory, all at once.
func (d *Dir) write() error {
	err := writeFile(filepath.Join(d.path, formatName), fmt.Appendf(nil, "%s\nformat %d\n", heading, format))
	if err != nil {
		return fmt.Errorf("can't write to the data directory: %w", err)
	}
	return nil
}

// writeFile writes a file that is there whole or not at all, after a power cut too.
func writeFile(path string, text []byte) error {
	file, err := os.OpenFile(path+newEnding, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// inUse says who has the directory.
func (d *Dir) inUse(err error) error {
	if !errors.Is(err, errLocked) {
		return fmt.Errorf("can't lock the data directory: %w", err)
	}
	who := "another server"
	if text, err := os.ReadFile(filepath.Join(d.path, lockName)); err == nil {
		if pid := strings.TrimSpace(string(text)); pid != "" {
			who = "process " + pid
		}
	}
	return fmt.Errorf("%s is in use by %s: stop that, or choose another directory", d.path, who)
}
