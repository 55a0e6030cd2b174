package datadir

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks one byte far behind the end, so that others can read the file.
func lock(file *os.File) error {
	at := &windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(file.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// syncFolder does nothing: folders can't be synced here.
func syncFolder(string) error { return nil }

// writable finds nothing but that a folder isn't there: only writing to it tells more.
func writable(path string) error {
	_, err := os.Stat(path)
	return err
}
