package datadir

import (
	"errors"
	"fmt"
	"os"
)

// errLocked says that another process has a file locked.
var errLocked = errors.New("it is locked")

// lockFile locks a file until it is closed, or the process has ended, and leaves
// the process's number in it.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := file.Truncate(0); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if _, err := fmt.Fprintln(file, os.Getpid()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
